import CryptoExtras
package import Foundation
import TestSupport

/// A service account with a real key, which is made once: that takes a while.
package struct FakeServiceAccount: Sendable {
    package static let shared = Result { try FakeServiceAccount() }

    package let email = "uploader@example-project.iam.gserviceaccount.com"
    package let keyID = "0123456789abcdef0123456789abcdef01234567"
    private let key: _RSA.Signing.PrivateKey

    package init() throws { key = try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    /// PKCS#8, as Google hands it out.
    package var privateKey: String { key.pkcs8PEMRepresentation }

    package func isValid(signature: Data, of bytes: Data) -> Bool {
        key.publicKey.isValidSignature(.init(rawRepresentation: signature), for: bytes, padding: .insecurePKCS1v1_5)
    }

    /// A signature as an account's holder makes it.
    package func signature(of bytes: Data) throws -> Data {
        try key.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation
    }
}

extension FakeGoogleStorage {
    /// The file that a customer is given, with this fake as the one to ask for tokens.
    package func serviceAccountKey() throws -> String {
        let account = try FakeServiceAccount.shared.get()
        let key: AnyJSON = [
            "type": "service_account", "project_id": "example-project", "private_key_id": .string(account.keyID),
            "private_key": .string(account.privateKey), "client_email": .string(account.email),
            "client_id": "123456789012345678901", "auth_uri": .string(endpoint + "/auth"),
            "token_uri": .string(endpoint + "/token"), "universe_domain": "googleapis.com",
        ]
        return key.text
    }

    /// The file that `gcloud auth application-default login` leaves.
    package func authorizedUser() -> String {
        let file: AnyJSON = [
            "type": "authorized_user", "client_id": .string(options.clientID),
            "client_secret": .string(options.clientSecret), "refresh_token": .string(options.refreshToken),
            "token_uri": .string(endpoint + "/token"), "universe_domain": "googleapis.com",
        ]
        return file.text
    }
}

extension MigrationNotice {
    /// The notices there are. The article on JSON events says when each is sent, and with which values.
    package enum Code: String, Sendable, CaseIterable {
        // Connections.
        case retrying
        case cloudSQLWaiting = "cloud-sql-waiting"
        case serverRestarting = "server-restarting"
        case waitingForInstance = "waiting-for-instance"

        // Checks.
        case askingInstance = "asking-instance"
        case askingDatabases = "asking-databases"
        case targetMissing = "target-missing"
        case replica

        // Settings.
        case folderNamedLikeBucket = "folder-named-like-bucket"
        case settingsDoubtful = "settings-doubtful"
        case credentialsDoubtful = "credentials-doubtful"
        case connectionDoubtful = "connection-doubtful"
        case journalFound = "journal-found"
        case ratesUnusable = "rates-unusable"
        case instanceNotChecked = "instance-not-checked"

        // Dumps.
        case momentOfSnapshot = "moment-of-snapshot"
        case snapshotLost = "snapshot-lost"
        case oneConnection = "one-connection"
        case checksumMissing = "checksum-missing"
        case statementRefused = "statement-refused"
        case dumpIncomplete = "dump-incomplete"
        case rowsReadAgain = "rows-read-again"
        case dumpBegunAgain = "dump-begun-again"
        case lockedTables = "locked-tables"
        case sourceStalled = "source-stalled"
        case bucketStalled = "bucket-stalled"
        case measuringDatabase = "measuring-database"
        case measuringBucket = "measuring-bucket"

        // Uploads.
        case alreadyUploaded = "already-uploaded"
        case uploadKept = "upload-kept"
        case sourceChanged = "source-changed"
        case notesDamaged = "notes-damaged"
        case uploadRestarted = "upload-restarted"
        case multipartRefused = "multipart-refused"
        case responseLost = "response-lost"
        case gzipIsFaster = "gzip-is-faster"
        case uploadStopping = "upload-stopping"
        case summaryUnusable = "summary-unusable"
        case databaseAbsent = "database-absent"
        case manifestWaiting = "manifest-waiting"
        case manifestWritten = "manifest-written"
        case manifestReplaced = "manifest-replaced"
        case attemptLeft = "attempt-left"

        // The instance of the customer or the new one.
        case instanceFound = "instance-found"
        case codeHostsListed = "code-hosts-listed"
        case settingsConflict = "settings-conflict"
        case settingsEditedByOthers = "settings-edited-by-others"
        case externalURLUnchanged = "external-url-unchanged"
        case restartNeeded = "restart-needed"
        case passwordLinkImpossible = "password-link-impossible"

        // Imports.
        case verifyingSnapshot = "verifying-snapshot"
        case manifestMissing = "manifest-missing"
        case summaryMissing = "summary-missing"
        case alreadyImported = "already-imported"
        case importResumed = "import-resumed"
        case importStopped = "import-stopped"
        case wayChanged = "way-changed"
        case sessionsConnected = "sessions-connected"
        case databasesToDrop = "databases-to-drop"
        case finishedMigration = "finished-migration"
        case validated
        case backingUp = "backing-up"
        case databaseEmptied = "database-emptied"
        case waitingForServer = "waiting-for-server"
        case waitingForLock = "waiting-for-lock"
        case begunAgain = "begun-again"
        case analyzed
        case scratchImport = "scratch-import"
        case scratchLeft = "scratch-left"
        case ownerChanged = "owner-changed"
        case connectionsBlocked = "connections-blocked"
        case objectImportedAgain = "object-imported-again"
        case operationFound = "operation-found"
        case operationRunning = "operation-running"
        case operationAwaited = "operation-awaited"
        case operationUnclear = "operation-unclear"
        case following
        case nothingToFollow = "nothing-to-follow"
        case uploadAwaited = "upload-awaited"
        case uploadComplete = "upload-complete"
        case uploadDiscarded = "upload-discarded"
        case importOutdated = "import-outdated"

        // Rehearsals.
        case checkingSnapshot = "checking-snapshot"
        case serverStarting = "server-starting"
        case folderLeft = "folder-left"

        // Upgrades.
        case upgradePlanned = "upgrade-planned"
        case upgradeUnplanned = "upgrade-unplanned"
        case upgradeDoubtful = "upgrade-doubtful"
        case upgradeRanBefore = "upgrade-ran-before"
        case migratorFailed = "migrator-failed"
        case migratorWaiting = "migrator-waiting"
        case migratorStopped = "migrator-stopped"
        case noCopy = "no-copy"
        case copiesNeeded = "copies-needed"

        // Tests.
        case instanceNotReady = "instance-not-ready"
        case checkDoubtful = "check-doubtful"
        case checksRepeated = "checks-repeated"
        case executorStarting = "executor-starting"
        case step

        // Audit.
        case auditIncomplete = "audit-incomplete"
    }
}

// The part of Foundation without ICU, whose data would be a third of each command. macOS has only the whole of it, as a
// library of the system.
#if canImport(FoundationEssentials)
    @_exported public import FoundationEssentials
#else
    @_exported public import Foundation
#endif

// The library that a Swift user imports: the public declarations of these modules.
@_exported import Backends
@_exported import Conformance
@_exported import Judging
@_exported import Reference
@_exported import Reports
@_exported import RoPE

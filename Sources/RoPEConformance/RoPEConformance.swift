// What a Swift user imports: of these modules, what is public.
@_exported import Backends
@_exported import Conformance
@_exported import Judging
@_exported import Reference
@_exported import Reports
@_exported import RoPE

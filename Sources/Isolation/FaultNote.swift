import CIsolation
import Foundation

/// What a child process notes about the fault that ends it, in memory that its parent sees.
public final class FaultNote: @unchecked Sendable {
  // Written by the child; the parent reads it once the child has ended.
  private let memory: GuardedMemory
  private let note: UnsafeMutablePointer<Note>

  private struct Note {
    var fault: IsolationFault
    /// Where the memory is mapped that the child works on; 0 where it does not.
    var base: UInt64
  }

  /// What the child inherits.
  public var descriptor: Descriptor { memory.descriptor }

  private init(_ memory: GuardedMemory) {
    self.memory = memory
    note = memory.base.advanced(by: memory.buffers[0].baseAddress.map { $0 - memory.base } ?? 0)
      .bindMemory(to: Note.self, capacity: 1)
  }

  private static let byteCounts = [MemoryLayout<Note>.stride]

  /// An empty note, made by the parent.
  ///
  /// - Throws: ``IsolationError``.
  public convenience init() throws(IsolationError) {
    self.init(try GuardedMemory(byteCounts: Self.byteCounts, alignment: 16))
  }

  /// The note that a child inherited; faults are written to it from now on.
  ///
  /// - Throws: ``IsolationError``.
  public convenience init(inherited descriptor: Descriptor) throws(IsolationError) {
    self.init(try GuardedMemory(byteCounts: Self.byteCounts, alignment: 16, descriptor: descriptor))
    let error = note.withMemoryRebound(to: IsolationFault.self, capacity: 1) { isolation_note_faults($0) }
    guard error == 0 else { throw .system("installing signal handlers", error) }
  }

  /// Notes where the child has mapped what it works on.
  public func work(on memory: GuardedMemory?) {
    note.pointee.base = memory.map { UInt64(UInt(bitPattern: $0.base)) } ?? 0
  }

  /// What is known of the fault that raised a signal.
  public struct Fault: Sendable, Equatable {
    /// It happened where the stack ends.
    public let isStackOverflow: Bool
    /// No memory was left.
    public let isOutOfMemory: Bool
    /// The address that was touched, in bytes from the beginning of the memory that the child worked on; nil where it
    /// touched none, or did not work.
    public let offset: Int?
  }

  /// The fault of a child that ended by a signal; nil where it noted none.
  public func fault(ofSignal signal: Int32) -> Fault? {
    let note = note.pointee
    guard note.fault.signal == signal else { return nil }
    let offset =
      note.base == 0 || note.fault.address == 0 ? nil : Int(truncatingIfNeeded: note.fault.address &- note.base)
    return Fault(
      isStackOverflow: note.fault.is_stack != 0, isOutOfMemory: note.fault.out_of_memory != 0, offset: offset)
  }
}

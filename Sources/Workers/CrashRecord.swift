import CWorkers
import Foundation

/// A child process's record of the fault that ends it, in memory that its parent sees.
package final class CrashRecord: @unchecked Sendable {
  // Written by the child; the parent reads it once the child has ended.
  private let memory: GuardedMemory
  private let contents: UnsafeMutablePointer<Contents>

  private struct Contents {
    var fault: WorkerFault
    /// The base of the memory that the child works on; 0 while it works on none.
    var base: UInt64
  }

  /// The descriptor that the child inherits.
  package var descriptor: Descriptor { memory.descriptor }

  private init(_ memory: GuardedMemory) {
    self.memory = memory
    contents = memory.base.advanced(by: memory.buffers[0].baseAddress.map { $0 - memory.base } ?? 0)
      .bindMemory(to: Contents.self, capacity: 1)
  }

  private static let byteCounts = [MemoryLayout<Contents>.stride]

  /// An empty record, made by the parent.
  ///
  /// - Throws: ``WorkerError``.
  package convenience init() throws(WorkerError) {
    self.init(try GuardedMemory(byteCounts: Self.byteCounts, alignment: 16))
  }

  /// The record that a child inherited; faults are written to it from now on.
  ///
  /// - Throws: ``WorkerError``.
  package convenience init(inherited descriptor: Descriptor) throws(WorkerError) {
    self.init(try GuardedMemory(byteCounts: Self.byteCounts, alignment: 16, descriptor: descriptor))
    let error = contents.withMemoryRebound(to: WorkerFault.self, capacity: 1) { worker_record_faults($0) }
    guard error == 0 else { throw .system("installing signal handlers", error) }
  }

  /// Records where the child has mapped the memory that it works on.
  package func work(on memory: GuardedMemory?) {
    contents.pointee.base = memory.map { UInt64(UInt(bitPattern: $0.base)) } ?? 0
  }

  /// The known facts about the fault that raised a signal.
  package struct Fault: Sendable, Equatable {
    /// True if the fault happened at the end of the stack.
    package let isStackOverflow: Bool
    /// True if no memory was left.
    package let isOutOfMemory: Bool
    /// The address that was touched, in bytes from the base of the memory that the child worked on; nil if there is no
    /// address, or the child worked on no memory.
    package let offset: Int?
  }

  /// The fault of a child that a signal ended; nil if it recorded none.
  package func fault(ofSignal signal: Int32) -> Fault? {
    let contents = contents.pointee
    guard contents.fault.signal == signal else { return nil }
    let offset =
      contents.base == 0 || contents.fault.address == 0
      ? nil : Int(truncatingIfNeeded: contents.fault.address &- contents.base)
    return Fault(
      isStackOverflow: contents.fault.is_stack != 0, isOutOfMemory: contents.fault.out_of_memory != 0, offset: offset)
  }
}

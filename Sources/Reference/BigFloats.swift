import CMPFR

/// A fixed number of MPFR variables of one precision, initialised to NaN and cleared with their owner.
///
/// They live on the heap because MPFR takes its output and its operands by pointer, often the same
/// one, which Swift's exclusivity rule forbids for a stored property.
final class BigFloats {
  let count: Int
  /// Bits of significand.
  let precision: Int
  private let storage: UnsafeMutablePointer<__mpfr_struct>

  init(count: Int, precision: Int) {
    self.count = count
    self.precision = precision
    storage = .allocate(capacity: max(count, 1))
    for index in 0..<count { mpfr_init2(storage + index, mpfr_prec_t(precision)) }
  }

  deinit {
    for index in 0..<count { mpfr_clear(storage + index) }
    storage.deallocate()
  }

  /// The variable at an index; valid as long as this object lives.
  subscript(index: Int) -> mpfr_ptr { storage + index }
}

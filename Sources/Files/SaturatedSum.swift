extension Int {
  /// The sum, or the nearest number to it that can be represented: numbers from a file must not stop the program.
  package func saturatingSum(_ other: Int) -> Int {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }
}

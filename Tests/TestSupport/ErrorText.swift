/// The error that a closure throws, as text.
package func errorText(_ body: () throws -> some Any) -> String {
  do {
    return "no error: \(try body())"
  } catch {
    return "\(error)"
  }
}

/// The error that an asynchronous closure throws, as text.
package func errorText(_ body: () async throws -> some Any) async -> String {
  do {
    return "no error: \(try await body())"
  } catch {
    return "\(error)"
  }
}

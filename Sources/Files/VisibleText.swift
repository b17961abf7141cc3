extension StringProtocol {
  /// The text on one line, as a terminal may show it.
  ///
  /// Characters that control a terminal, break lines, have no shape or change the direction of text are written out, as
  /// `\u{1B}`. Every text that comes from a file, a backend or a command line passes through here before it is printed.
  package var visible: String { visible { _ in false } }

  /// The same, but line feeds and tabs stay.
  package var visibleLines: String { visible { $0 == "\n" || $0 == "\t" } }

  private func visible(keeping isKept: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: { $0.isHidden && !isKept($0) }) else { return String(self) }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isHidden && !isKept(scalar) {
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// True for a character that is not shown, or changes how others are.
  private static func isHidden(_ category: Unicode.GeneralCategory) -> Bool {
    switch category {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }

  fileprivate var isHidden: Bool {
    if isASCII { return value < 0x20 || value == 0x7F }
    return Self.isHidden(properties.generalCategory) || properties.isDefaultIgnorableCodePoint
      || properties.isNoncharacterCodePoint
  }
}

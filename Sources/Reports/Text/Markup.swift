import Files

extension String {
  /// The text for element content and quoted attributes of XML and HTML.
  ///
  /// Characters that XML cannot hold, not even escaped, are written out, with all others that a reader does not see.
  var escaped: String {
    var text = ""
    for scalar in visibleLines.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

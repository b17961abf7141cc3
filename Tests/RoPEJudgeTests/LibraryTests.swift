import Foundation
import TestSupport
import Testing

@Suite("The library and its header", .timeLimit(.minutes(30))) struct LibraryTests {
  private static let source = """
    #include "rope_judge.h"
    #include <stdio.h>
    int main(int count, char **words) {
      char text[512] = "";
      rope_error error = {sizeof error, text, sizeof text};
      rope_judge *judge = NULL;
      char *description = NULL;
      uint32_t major = 0, minor = 99;
      rope_judge_version(&major, &minor);
      if (major != ROPE_JUDGE_MAJOR_VERSION || minor != ROPE_JUDGE_MINOR_VERSION) return 2;
      int status = rope_judge_open(count > 1 ? words[1] : NULL, &judge, &error);
      if (status == ROPE_OK) status = rope_judge_describe(judge, "gpt2/f32/prompt/none", &description, &error);
      puts(status == ROPE_OK ? description : text);
      rope_text_free(description);
      rope_judge_close(judge);
      return status;
    }
    """

  /// The folder of all products of the build.
  private func products() throws -> URL {
    try #require(Bundle.main.executableURL?.resolvingSymlinksInPath()).deletingLastPathComponent()
  }

  /// The program and the library in a folder, with a tolerances file of its own.
  private func install(in folder: borrowing TemporaryFolder) throws -> String {
    let products = try products()
    for name in ["librope_judge.so", "rope-conformance", "rope-conformance_Models.resources"] {
      try FileManager.default.copyItem(at: products.appending(path: name), to: folder.url.appending(path: name))
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("Fixtures"), withDestinationPath: packageRoot.appending(path: "Fixtures").path)
    try folder.write("rules: ['** = ulp=1 because it is installed']\n".utf8, to: "tolerances.yaml")
    let source = try folder.write(Self.source.utf8, to: "program.c"), program = folder.path("program")
    try PluginCompiler.compile(
      ["cc", "-Wall", "-Wextra", "-Werror"] + Self.includes
        + ["-o", program, source, "-L", folder.path, "-lrope_judge", "-Wl,-rpath,$ORIGIN"])
    return program
  }

  private static let header = packageRoot.appending(path: "Sources/CRoPEJudge/include/rope_judge.h").path

  private static let includes = ["CRoPEBackend", "CRoPEJudge"].flatMap {
    ["-I", packageRoot.appending(path: "Sources/\($0)/include").path]
  }

  @Test("Both find rules, goldens and models in their own folder, and take settings and the environment first")
  func installed() throws {
    let folder = try TemporaryFolder(), program = try install(in: folder)
    let plain = try Program.run(program, [])
    #expect(plain.status == 0 && plain.text.contains("ulp=1 because it is installed"), "\(plain.text)")
    let given = try Program.run(
      program, ["{\"tolerances_file\": \"\(packageRoot.path)/tolerances.yaml\"}"])
    #expect(given.status == 0 && !given.text.contains("installed"), "\(given.text)")
    let environment = try Program.run(program, [], environment: ["ROPE_FIXTURES": "/nowhere"])
    #expect(environment.status == 19 && environment.text.contains("/nowhere/MANIFEST.json"), "\(environment.text)")
    let misspelled = try Program.run(program, [], environment: ["ROPE_FIXTURE": "/nowhere"])
    #expect(misspelled.status == 17 && misspelled.text.contains("unknown environment variable ROPE_FIXTURE"))

    let models = folder.path("rope-conformance_Models.resources/Resources/gpt2.json")
    try Data("{}".utf8).write(to: URL(filePath: models))
    let doctored = try Program.run(folder.path("rope-conformance"), ["list", "--models"])
    #expect(doctored.status == 2 && doctored.text.contains("gpt2.json"), "\(doctored.text)")
  }

  @Test("The program finds its files in the working directory first, then in its own folder")
  func program() throws {
    let folder = try TemporaryFolder(), elsewhere = try TemporaryFolder()
    _ = try install(in: folder)
    func budgets() throws -> String {
      let command = "cd '\(elsewhere.path)' && '\(folder.path("rope-conformance"))' budgets"
      let outcome = try Program.run("/bin/sh", ["-c", command])
      #expect(outcome.status == 0, "\(outcome.text)")
      return outcome.text
    }
    #expect(try budgets().contains("it is installed"))
    try elsewhere.write("rules: ['** = ulp=1 because it is here']\n".utf8, to: "tolerances.yaml")
    #expect(try budgets().contains("it is here"))
  }

  @Test("The library exports the functions of its header, and nothing of Swift")
  func exports() throws {
    let library = try products().appending(path: "librope_judge.so").path
    let symbols = try Program.run("nm", ["-D", "--defined-only", "--extern-only", library])
    let names = Set(symbols.text.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) })
    let header = try String(contentsOfFile: Self.header, encoding: .utf8)
    let declared = header.matches(of: /ROPE_BACKEND_EXPORT [a-z_ ]*[ *](rope_[a-z_]+)\(/).map { String($0.1) }
    #expect(declared.count == 19 && Set(declared) == names, "\(names.symmetricDifference(declared).prefix(5))")
  }

  @Test("The header is clean in C99, C11, C++11 and C++17")
  func cleanHeader() throws {
    let strict = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"] + Self.includes
    for (compiler, language, standards) in [("cc", "c", ["c99", "c11"]), ("c++", "c++", ["c++11", "c++17"])] {
      for standard in standards {
        try PluginCompiler.compile([compiler, "-std=\(standard)", "-x", language] + strict + [Self.header])
      }
    }
  }
}

import Foundation
import TestSupport
import Testing

@Suite("generate", .timeLimit(.minutes(30))) struct GenerateTests {
  static let mistakes: [(config: String, message: String)] = [
    (
      #"{"model_type":"llama","num_attention_heads":1000000,"hidden_size":64000000}"#,
      "num_attention_heads 1000000: must be at most 1024 with 64 channels each, 65536 in all"
    ),
    (
      #"{"model_type":"llama","rope_scaling":{"type":"dynamic","factor":2},"max_position_embeddings":1e18}"#,
      "max_position_embeddings 1000000000000000000: must be at most 2^30"
    ),
    (
      #"{"model_type":"llama","rope_theta":NaN}"#,
      "not JSON at line 1, column 36: expected a value for rope_theta, found NaN"
    ),
    (
      #"{"model_type":"llama","rope_scaling":{"type":"linear","facotr":8}}"#,
      "rope_scaling.factor is missing: linear needs it; did you mean `factor`? the file says `facotr`"
    ),
  ]

  @Test("A mistake in a config.json is one line, exit status 2, and no file", arguments: mistakes.indices)
  func mistake(_ index: Int) throws {
    let (config, message) = Self.mistakes[index], folder = try TemporaryFolder()
    try folder.write(config.utf8, to: "config.json")
    let (status, text) = try Program.ropeConformance(
      "generate", "--tier", "full", "--config", folder.path("config.json"), "--name", "mine", "--fixtures",
      folder.path("goldens"))
    #expect(text == "Error: \(folder.path("config.json")): \(message)\n")
    #expect(status == 2)
    #expect(folder.names(in: "goldens") == [])
  }

  @Test("A length of 1 has cases of its own, and a rotary key that nothing reads is noted")
  func shortest() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      (#"{"model_type":"llama","max_position_embeddings":1,"num_attention_heads":2,"hidden_size":16,"#
        + #""rope_scaling":{"type":"dynamic","factor":2,"finetuned":true}}"#).utf8, to: "config.json")
    let (status, text) = try Program.ropeConformance(
      "generate", "--config", folder.path("config.json"), "--name", "mine", "--fixtures", folder.path("goldens"))
    #expect(status == 0, "\(text)")
    #expect(text.contains("\nnote: rope_scaling.finetuned true is ignored: nothing in this model's class reads it\n"))
    #expect(try Program.ropeConformance("run", "--fixtures", folder.path("goldens")).status == 0)
    #expect(folder.names(in: "goldens") == ["MANIFEST.json", "mine.h5"])
  }

  @Test("Interrupted, it leaves nothing that is not complete", arguments: [SIGINT, SIGTERM])
  func interrupted(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    // The most channels that are allowed, which take a while.
    try folder.write((#"{"model_type":"llama","num_attention_heads":512,"hidden_size":65536}"#).utf8, to: "config.json")
    let program = try Program(
      ropeConformance: [
        "generate", "--tier", "full", "--config", folder.path("config.json"), "--name", "mine", "--fixtures",
        folder.path("goldens"),
      ])
    while program.isRunning, !folder.names(in: "goldens").contains(where: { $0.hasSuffix(".tmp") }) { usleep(1000) }
    program.send(signal)
    #expect(try program.outcome().status == -signal)
    #expect(folder.names(in: "goldens") == [])
  }
}

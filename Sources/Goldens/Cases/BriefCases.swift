import Models
import RoPE

extension Recipe {
  /// What sets a convention apart, in each contract and element type once.
  static func brief(_ subject: NamedConvention) -> [Recipe] {
    // The name picks, so that another model in the list changes no file.
    let pick = subject.name.utf8.reduce(0) { 31 &* $0 &+ Int($1) } & 0xFFFF
    var recipes = [
      recipe(subject, .prompt, (.float32, .position, nil)),
      recipe(subject, .prompt, (.bfloat16, .table, .bfloat16)),
      recipe(subject, .prompt, (.float16, .frequency, nil)),
      recipe(subject, .far, (.float32, .position, nil)),
      recipe(subject, placements[pick % placements.count], kinds[pick % kinds.count]),
    ]
    if hasTranspose(subject.convention) {
      recipes += [(.float32, .position, nil), (.bfloat16, .table, .float32)].map { recipe(subject, .backward, $0) }
    }
    if case .normalized(let extent) = subject.convention.scaling {
      recipes += [(.float32, .position, nil), (.bfloat16, .table, .float32), (.float16, .frequency, nil)]
        .map { recipe(subject, .patches(of: extent), $0) }
    }
    if float16TableModels.contains(subject.name) {
      recipes += [.float16, .float32].map { recipe(subject, .prompt, ($0, .table, .float16)) }
    }
    for length in switchLengths(subject.convention.scaling) {
      recipes.append(recipe(subject, .length(length), (.float32, .position, nil)))
      recipes.append(recipe(subject, .length(length), (.bfloat16, .frequency, nil)))
    }
    return recipes
  }

  /// Models whose own code keeps cosines and sines in float16. Beside float32 inputs, only the table has lost anything.
  static let float16TableModels = ["chatglm2-6b", "chatglm3-6b"]

  /// Layers without RoPE of a model whose other layers rotate.
  static func copies(_ subject: NamedConvention) -> [Recipe] {
    ElementType.allCases.map { recipe(subject, .batch, ($0, .unrotated, nil)) }
  }

  /// Longer calls with the model's own heads, for a folder of one's own; none where nothing says how many there are.
  static func long(_ subject: NamedConvention) -> [Recipe] {
    guard let heads = subject.heads else { return [] }
    let kinds: [Kind] =
      subject.convention.rotaryDimension == 0
      ? [(.bfloat16, .unrotated, nil)]
      : [(.float32, .position, nil), (.bfloat16, .position, nil), (.float16, .table, .float32)]
    return kinds.flatMap { kind in
      [PlacedWorkload.fullPrompt(heads), .fullDecode(heads)].map { recipe(subject, $0, kind) }
    }
  }

  /// Conventions whose backward pass is easily got wrong: the outputs are paired otherwise than the inputs, or an
  /// attention factor multiplies them.
  private static func hasTranspose(_ convention: Convention) -> Bool {
    !convention.isPairedAlike || !convention.attentionFactor.isOne
  }

  /// Both sides of the length at which a scaling changes its formula.
  private static func switchLengths(_ scaling: FrequencyScaling) -> [Int] {
    switch scaling {
    // Of a length of 1, the last two are the same.
    case .dynamic(_, let length): Set([length, length + 1, 2 * length]).sorted()
    case .longrope(let longrope):
      [-1, 0, 1].map { longrope.originalMaxPositionEmbeddings + $0 }
    default: []
    }
  }
}

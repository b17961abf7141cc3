extension Bug {
  /// The owners on GitHub of the projects whose owner is certain.
  private static let owners = [
    "ColossalAI": "hpcaitech", "FlyDSL": "ROCm", "Liger-Kernel": "linkedin", "MNN": "alibaba",
    "Megatron-Bridge": "NVIDIA-NeMo", "Megatron-LM": "NVIDIA", "TinyLlama": "jzhang38", "TransformerEngine": "NVIDIA",
    "aiter": "ROCm", "apex": "NVIDIA", "diffusers": "huggingface", "flash-attention": "Dao-AILab",
    "flashinfer": "flashinfer-ai", "gpt-neox": "EleutherAI", "llama-models": "meta-llama", "llama.cpp": "ggml-org",
    "mlc-llm": "mlc-ai", "mlir-air": "Xilinx", "mlx": "ml-explore", "mlx-lm": "ml-explore", "mlx-vlm": "Blaizzy",
    "ncnn": "Tencent", "rocm-libraries": "ROCm", "sgl-kernel-xpu": "sgl-project", "sglang": "sgl-project",
    "sglang-jax": "sgl-project", "transformers": "huggingface", "tvm": "apache", "unsloth": "unslothai",
    "vllm": "vllm-project", "vllm-ascend": "vllm-project", "xDiT": "xdit-project",
  ]

  /// The address of ``thread``; nil if the project's owner is not known for certain.
  ///
  /// GitHub leads from the address of an issue to the pull request of that number.
  package var link: String? {
    let parts = thread.split(separator: "#")
    guard parts.count == 2, Int(parts[1]) != nil, let owner = Self.owners[String(parts[0])] else { return nil }
    return "https://github.com/\(owner)/\(parts[0])/issues/\(parts[1])"
  }
}

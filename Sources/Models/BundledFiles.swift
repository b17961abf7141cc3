extension Model {
  /// The names of the bundled config files, in the order in which models are listed.
  public static let bundledFiles = [
    // GLM and what it is confused with.
    "chatglm3-6b", "glm-4-9b-chat", "glm-4-9b-0414", "glm-4.5", "llama-2-7b", "gpt2",
    // Text, the whole head.
    "llama-2-7b-32k", "llama-2-7b-dynamic", "llama-3.1-8b", "llama-3.2-1b", "llama-4-scout", "mistral-7b-v0.1",
    "mistral-7b-v0.3", "qwen2.5-7b", "qwen2.5-7b-yarn", "phi-3-mini-128k", "falcon-7b", "command-r-v01",
    "command-r7b", "gpt-oss-20b", "gemma-2-9b", "gemma-3-4b", "gemma-4-e2b", "minimax-text-01-transformers",
    "olmo-7b", "olmo-2-7b", "ernie-4.5-0.3b", "hunyuan-7b",
    // Text, a part of the head.
    "phi-4-mini", "gpt-j-6b", "gpt-neox-20b", "stablelm-3b", "nemotron-8b", "chatglm2-6b", "glm-4v-9b",
    "deepseek-v2-lite", "deepseek-v3", "deepseek-v3.2", "kimi-k2", "glm-5", "minimax-text-01",
    // Several position axes.
    "chatglm-6b", "qwen2-vl-72b", "qwen3-vl-30b-a3b", "glm-4.1v-9b", "glm-4.5v", "ernie-4.5-vl-28b-a3b",
    "hunyuan-ocr", "llama-4-vision", "pixtral-12b-vision", "kimi-k2.5-vision", "dinov3-vits16", "flux.1", "wan-2.1",
  ]
}

/** Who serves models, and by what code is known to use it. */
export interface Provider {
  readonly name: string
  /** where its requests go; absent when a configuration says it */
  readonly host?: string
  /** packages whose import means it: names of Python modules and npm packages, their submodules too */
  readonly packages: readonly string[]
  /** names of its models */
  readonly models: RegExp
  /** the last word of the dotted name of a call that makes a client or a model */
  readonly callees: RegExp
}

const none = /(?!)/

export const providers: readonly Provider[] = [
  {
    name: 'azure-openai',
    packages: ['@azure/openai'],
    models: none,
    callees: /^(?:Async)?Azure(?:Chat)?OpenAI/,
  },
  {
    name: 'openai',
    host: 'api.openai.com',
    packages: [
      ...['openai', 'agents', 'langchain_openai', '@ai-sdk/openai', '@langchain/openai', '@openai/agents'],
      ...['github.com/openai/openai-go', 'github.com/sashabaranov/go-openai', 'github.com/tmc/langchaingo/llms/openai'],
    ],
    models: /^(?:gpt-\d|chatgpt-|o[1-9](?:-(?:mini|pro|preview)|$)|text-embedding-|dall-e-|whisper-1|tts-1|davinci|ft:gpt)/,
    callees: /^(?:Async)?(?:Chat)?OpenAI(?:Embeddings|Chat|Model)?$|^openai$/,
  },
  {
    name: 'anthropic',
    host: 'api.anthropic.com',
    packages: [
      'anthropic',
      'langchain_anthropic',
      '@anthropic-ai/sdk',
      '@ai-sdk/anthropic',
      '@langchain/anthropic',
      'claude_agent_sdk',
      'github.com/anthropics/anthropic-sdk-go',
    ],
    models: /^claude-/,
    callees: /^(?:Async)?(?:Chat)?Anthropic(?:Model)?$|^anthropic$/,
  },
  {
    name: 'google',
    host: 'generativelanguage.googleapis.com',
    packages: ['google.generativeai', 'google.genai', 'langchain_google_genai', '@google/generative-ai', '@google/genai', '@ai-sdk/google'],
    models: /^(?:models\/)?(?:gemini|gemma|text-embedding-00|embedding-00)/,
    callees: /^(?:ChatGoogleGenerativeAI|GenerativeModel|GoogleGenerativeAI|GeminiModel|google)$/,
  },
  {
    name: 'mistral',
    host: 'api.mistral.ai',
    packages: ['mistralai', 'langchain_mistralai', '@mistralai/mistralai', '@ai-sdk/mistral'],
    models: /^(?:open-)?(?:mistral|mixtral|codestral|ministral|pixtral|magistral)-/,
    callees: /^(?:Chat)?Mistral(?:AI)?$|^mistral$/,
  },
  {
    name: 'cohere',
    host: 'api.cohere.com',
    packages: ['cohere', 'langchain_cohere', 'cohere-ai', '@ai-sdk/cohere'],
    models: /^(?:command(?:-|$)|embed-(?:english|multilingual|v)|rerank-)/,
    callees: /^(?:Async)?(?:Chat)?Cohere(?:Embeddings|Rerank)?$|^cohere$/,
  },
  {
    name: 'groq',
    host: 'api.groq.com',
    packages: ['groq', 'langchain_groq', 'groq-sdk', '@ai-sdk/groq'],
    models: none,
    callees: /^(?:Async)?(?:Chat)?Groq$|^groq$/,
  },
  {
    name: 'deepseek',
    host: 'api.deepseek.com',
    packages: ['langchain_deepseek', '@ai-sdk/deepseek'],
    models: /^deepseek-(?:chat|reasoner|coder)/,
    callees: /^ChatDeepSeek$|^deepseek$/,
  },
  { name: 'xai', host: 'api.x.ai', packages: ['langchain_xai', '@ai-sdk/xai'], models: /^grok-/, callees: /^ChatXAI$|^xai$/ },
  {
    name: 'together',
    host: 'api.together.xyz',
    packages: ['together', 'langchain_together', 'together-ai'],
    models: none,
    callees: /^(?:Async)?(?:Chat)?Together$/,
  },
  {
    name: 'bedrock',
    packages: ['langchain_aws', '@ai-sdk/amazon-bedrock', '@aws-sdk/client-bedrock-runtime'],
    models: /^(?:(?:us|eu|apac)\.)?(?:anthropic|amazon|meta|mistral|cohere|ai21)\.[a-z0-9-]+/,
    callees: /^(?:Chat)?Bedrock(?:Converse|LLM|Model)?$|^bedrock$/,
  },
  {
    name: 'ollama',
    packages: ['ollama', 'langchain_ollama'],
    models: none,
    callees: /^(?:Chat)?Ollama(?:LLM|Embeddings)?$|^ollama$/,
  },
]

/** Services whose packages know their address themselves. */
export const services: Readonly<Record<string, string>> = {
  stripe: 'api.stripe.com',
  twilio: 'api.twilio.com',
  sendgrid: 'api.sendgrid.com',
  '@sendgrid/mail': 'api.sendgrid.com',
  slack_sdk: 'slack.com',
  '@slack/web-api': 'slack.com',
  github: 'api.github.com',
  '@octokit/rest': 'api.github.com',
  octokit: 'api.github.com',
  notion_client: 'api.notion.com',
  '@notionhq/client': 'api.notion.com',
  tavily: 'api.tavily.com',
  '@tavily/core': 'api.tavily.com',
  pinecone: 'api.pinecone.io',
  '@pinecone-database/pinecone': 'api.pinecone.io',
  resend: 'api.resend.com',
  telegram: 'api.telegram.org',
}

/** Whether an imported module is a package or lies in it. */
export function isOf(module: string, name: string): boolean {
  return module === name || module.startsWith(`${name}.`) || module.startsWith(`${name}/`)
}

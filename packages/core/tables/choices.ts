// What people decided about the tables, beside the lists they are made from.

/** Rows that go before all lists: extras and versions that programs need, names that stand for nothing on purpose, and what the lists have wrong. */
export const overrides: readonly (readonly [module: string, says: string])[] = [
  ['openai', 'openai>=1.0'],
  ['fastapi', 'fastapi[standard]'],
  ['uvicorn', 'uvicorn[standard]'],
  ['psycopg', 'psycopg[binary]'],
  ['jose', 'python-jose[cryptography]'],
  ['google.colab', '-'],
  ['livekit', 'livekit'],
  ['langgraph', 'langgraph'],
  ...'prebuilt cache store checkpoint.base checkpoint.memory checkpoint.serde'
    .split(' ')
    .map((name) => [`langgraph.${name}`, 'langgraph'] as const),
  ['googlesearch', 'googlesearch-python'],
  ['multipart', 'multipart'],
  ['talib', 'ta-lib'],
  ['camel', 'camel-ai'],
  ['cerebras', 'cerebras-cloud-sdk'],
  ['daily', 'daily-python'],
  ['parselmouth', 'praat-parselmouth'],
  ['arize.otel', 'arize-otel'],
  // What of Vercel's SDK was never in the package `vercel` itself, and what two packages may bring, so that it is told.
  ['vercel.queue', 'vercel-queue'],
  ['vercel.workers', 'vercel-workers'],
  ['vercel.cache', '-'],
  // Seen in the wheels on PyPI: what a release took away.
  ['pkg_resources', 'setuptools<82'],
  ['mcp.server.fastmcp', 'mcp<2'],
  ['autogen', 'ag2<1'],
  ['pydantic.BaseSettings', 'pydantic<2'],
  ['flask.Markup', 'flask<3'],
  ['flask.escape', 'flask<3'],
  ['werkzeug.urls.url_quote', 'werkzeug<3'],
  ['werkzeug.urls.url_quote_plus', 'werkzeug<3'],
  ['werkzeug.urls.url_parse', 'werkzeug<3'],
  ['werkzeug.urls.url_decode', 'werkzeug<3'],
  ['werkzeug.urls.url_encode', 'werkzeug<3'],
  ['sqlalchemy.orm.mapped_column', 'sqlalchemy>=2'],
  ['sqlalchemy.orm.DeclarativeBase', 'sqlalchemy>=2'],
  ['moviepy.editor', 'moviepy<2'],
  ['PyPDF2.PdfFileReader', 'pypdf2<3'],
  ['PyPDF2.PdfFileWriter', 'pypdf2<3'],
  ['PyPDF2.PdfFileMerger', 'pypdf2<3'],
  ['tweepy.StreamListener', 'tweepy<4'],
  ['tweepy.streaming.StreamListener', 'tweepy<4'],
  ['elasticsearch.RequestsHttpConnection', 'elasticsearch<8'],
  ['mistralai.client.MistralClient', 'mistralai<1'],
  ['telegram.ext.Filters', 'python-telegram-bot<20'],
  ...'app document embedder playground reranker storage workspace file knowledge.agent knowledge.arxiv knowledge.combined knowledge.csv knowledge.csv_url knowledge.docx knowledge.json knowledge.langchain knowledge.llamaindex knowledge.markdown knowledge.pdf knowledge.pdf_bytes knowledge.pdf_url knowledge.text knowledge.url knowledge.website knowledge.wikipedia knowledge.youtube memory.agent memory.memory memory.team memory.v2 models.qwen run.response run.v2 tools.clickup_tool tools.thinking workflow.v2'
    .split(' ')
    .map((name) => [`agno.${name}`, 'agno<2'] as const),
  ['agno.tools.googlesearch', 'agno<2.3'],
  ...'gmail google_bigquery google_drive google_maps googlecalendar googlesheets'
    .split(' ')
    .map((name) => [`agno.tools.${name}`, 'agno<3'] as const),
  ...'contextual entity long_term short_term external'.split(' ').map((name) => [`crewai.memory.${name}`, 'crewai<1'] as const),
  ['crewai.utilities.events', 'crewai<1'],
  ['openai.error', 'openai<1'],
  ['openai.OpenAI', 'openai>=1.0'],
  ['openai.AsyncOpenAI', 'openai>=1.0'],
  ['openai.AzureOpenAI', 'openai>=1.0'],
  ...'GPTVectorStoreIndex GPTSimpleVectorIndex GPTListIndex LLMPredictor ServiceContext StorageContext SimpleDirectoryReader VectorStoreIndex Document PromptHelper load_index_from_storage download_loader set_global_service_context'
    .split(' ')
    .map((name) => [`llama_index.${name}`, 'llama-index<0.10'] as const),
  ...'adapters cache callbacks chains chat_loaders docstore document_loaders document_transformers evaluation globals graphs hub indexes llms load memory output_parsers prompts pydantic_v1 python requests retrievers runnables schema serpapi smith sql_database storage text_splitter utilities utils vectorstores ConversationChain FewShotPromptTemplate LLMChain LLMMathChain OpenAI PromptTemplate SQLDatabase SerpAPIWrapper'
    .split(' ')
    .map((name) => [`langchain.${name}`, 'langchain<1'] as const),
  ...'AgentExecutor AgentOutputParser AgentType LLMSingleActionAgent OpenAIFunctionsAgent Tool ZeroShotAgent agent agent_toolkits agent_types create_json_chat_agent create_openai_functions_agent create_openai_tools_agent create_react_agent create_self_ask_with_search_agent create_structured_chat_agent create_tool_calling_agent create_xml_agent format_scratchpad initialize_agent load_tools output_parsers tool tools'
    .split(' ')
    .map((name) => [`langchain.agents.${name}`, 'langchain<1'] as const),
  ...'CacheBackedEmbeddings HuggingFaceEmbeddings OllamaEmbeddings OpenAIEmbeddings SentenceTransformerEmbeddings cache huggingface ollama openai'
    .split(' ')
    .map((name) => [`langchain.embeddings.${name}`, 'langchain<1'] as const),
  ...'AzureChatOpenAI ChatAnthropic ChatOllama ChatOpenAI anthropic ollama openai'
    .split(' ')
    .map((name) => [`langchain.chat_models.${name}`, 'langchain<1'] as const),
  ...'DuckDuckGoSearchRun StructuredTool Tool WikipediaQueryRun base render retriever'
    .split(' ')
    .map((name) => [`langchain.tools.${name}`, 'langchain<1'] as const),
]

/** What code needs besides its own package, known without the lists. */
export const moreCompanions: readonly (readonly [module: string, says: string])[] = [
  ...'OpenAI SerpAPIWrapper agents.agent_toolkits agents.load_tools cache embeddings.OllamaEmbeddings embeddings.SentenceTransformerEmbeddings embeddings.huggingface embeddings.ollama chat_models.ChatAnthropic chat_models.anthropic chat_models.ollama sql_database'
    .split(' ')
    .map((name) => [`langchain.${name}`, 'langchain-community'] as const),
  ...'chat_models.AzureChatOpenAI chat_models.ChatOpenAI chat_models.openai embeddings.openai'
    .split(' ')
    .map((name) => [`langchain.${name}`, 'langchain-community openai'] as const),
  ...'callbacks chat_loaders docstore document_loaders document_transformers graphs indexes llms memory retrievers storage utilities vectorstores'
    .split(' ')
    .map((name) => [`langchain.${name}`, 'langchain-community'] as const),
  ['agno.os', 'fastapi uvicorn'],
  ['agno.os.interfaces.a2a', 'a2a-sdk fastapi uvicorn'],
  ['agno.os.interfaces.agui', 'ag-ui-protocol fastapi uvicorn'],
  ['agno.os.interfaces.slack', '[slack]'],
  ['agno.playground', 'fastapi uvicorn'],
  ['agno.knowledge.pdf', 'pypdf'],
  ['agno.knowledge.pdf_bytes', 'pypdf'],
  ['agno.knowledge.pdf_url', 'pypdf'],
  ['agno.knowledge.website', 'beautifulsoup4'],
  ['agno.document.reader.pdf_reader', 'pypdf'],
  ['agno.document.reader.website_reader', 'beautifulsoup4'],
  ['agno.embedder.openai', 'openai'],
  ['agno.embedder.ollama', 'ollama'],
  ['agno.embedder.google', 'google-genai'],
  ['agno.storage.postgres', 'sqlalchemy'],
  ['agno.storage.sqlite', 'sqlalchemy'],
  ['agno.storage.agent.postgres', 'sqlalchemy'],
  ['agno.storage.agent.sqlite', 'sqlalchemy'],
  ['agno.tools.googlesearch', 'googlesearch-python pycountry'],
  ['agno.models.anthropic', 'anthropic'],
  ['agno.knowledge.reader.pdf_reader', 'pypdf'],
  ['pydantic.EmailStr', 'email-validator'],
  ['pydantic.NameEmail', 'email-validator'],
  ['fastapi.responses.ORJSONResponse', 'orjson'],
  ['fastapi.responses.UJSONResponse', 'ujson'],
  ['starlette.middleware.sessions', 'itsdangerous'],
  ['starlette.templating', 'jinja2'],
  ['starlette.testclient', 'httpx'],
  ['sqlalchemy.ext.asyncio', 'sqlalchemy[asyncio]'],
  ['diffusers', 'accelerate torch transformers'],
  ['torch.utils.tensorboard', 'tensorboard'],
  ['keras.utils.plot_model', 'pydot'],
  ['tensorflow.keras.utils.plot_model', 'pydot'],
  ['newspaper', 'lxml-html-clean'],
  ['google.adk.sessions.DatabaseSessionService', 'sqlalchemy'],
  ['google.adk.a2a', 'google-adk[a2a]'],
  ['agents.voice', 'openai-agents[voice]'],
  ['agents.extensions.visualization', 'openai-agents[viz]'],
  ['channels.layers', 'channels-redis'],
  ['langchain_huggingface.HuggingFaceEmbeddings', 'sentence-transformers'],
  ['litellm.proxy', '[proxy]'],
]

/** Names that are known whatever their rank: what the hard cases of the tests ask for, and what programs import more often than servers download it. */
export const mustNames: readonly string[] =
  `autogen-core autogen-ext graphiti-core open-interpreter linkup-sdk portkey-ai zep-cloud letta-client langgraph-supervisor langgraph-swarm mcp-agent
  rerankers agency-swarm scrapegraphai opentok vonage vercel pipecatcloud pipecat-ai-small-webrtc-prebuilt pipecat-ai-flows claude-agent-sdk google-ads livekit-plugins-noise-cancellation
  ollama-haystack qdrant-haystack chroma-haystack anthropic-haystack google-genai-haystack cohere-haystack weaviate-haystack pinecone-haystack
  pgvector-haystack elasticsearch-haystack opensearch-haystack mongodb-atlas-haystack amazon-bedrock-haystack mcp-haystack
  chainlit comet-ml gtts gym mongoengine outlines ragas pyrogram pyttsx3 semantic-router streamlit-option-menu telethon vosk wolframalpha atproto dlib
  assemblyai nicegui reflex solara hyperbrowser typesense upstash-redis langmem nemoguardrails weave dramatiq ebooklib sktime darts stanza flair
  bert-score trulens marvin mirascope runwayml langflow goose3 segno deeplake cognee tree-sitter-python tree-sitter-javascript tree-sitter-typescript
  tree-sitter-languages pyqt5 pyside6 pywebview kivy customtkinter pystray pynput keyboard flet eel dearpygui
  hume fal-client stability-sdk edge-tts coqui-tts pedalboard noisereduce pyworld praat-parselmouth pyloudnorm
  streamlit-chat streamlit-extras streamlit-lottie streamlit-folium streamlit-authenticator streamlit-agraph gradio-client pyecharts
  ccxt alpaca-py ib-insync ta pandas-ta mplfinance yahooquery quandl fredapi vectorbt pykrx akshare tushare
  chatterbot rasa deeppavlov spacy-llm keybert bertopic top2vec pyate yake sumy pyabsa textstat language-tool-python symspellpy
  flask-admin flask-restful flask-restx flask-migrate flask-bcrypt flask-mail flask-wtf flask-limiter flask-caching flask-session flask-sock
  fastapi-users fastapi-mail fastapi-cache2 fastapi-pagination fastapi-limiter fastapi-mcp fastapi-utils slowapi starlette-admin sqladmin
  tortoise-orm piccolo ormar gino edgedb prisma beanie odmantic umongo tinydb pickledb neomodel py2neo arango-orm falkordb kuzu
  pytube pytubefix instaloader instagrapi facebook-scraper snscrape twikit tweepy praw spotdl musicbrainzngs lyricsgenius
  pyautogui mss pygetwindow pytesseract easyocr paddleocr keras-ocr deepface face-recognition insightface mediapipe supervision roboflow
  gpt4all ctransformers exllamav2 langroid haystack-experimental dspy-ai txtai embedchain llmware phidata controlflow
  hypercorn robyn sanic falcon muffin emmett responder quart litestar blacksheep websocket-server aiortc aioice janus
  schedule apscheduler huey rocketry aiocron aiocache cashews diskcache dogpile-cache
  serpapi scholarly arxiv pymed biopython pubchempy rdkit ase pymatgen openbabel mdanalysis
  geocoder osmnx folium contextily rasterio pyproj cartopy h3 geemap leafmap
  pypandoc markdownify mistune markdown2 weasyprint pdfkit xhtml2pdf fpdf2 borb pikepdf pdfrw
  discord-webhook nextcord disnake py-cord slackclient aiogram vkbottle line-bot-sdk pywa heyoo matrix-nio mastodon-py atproto`.split(/\s+/)

/** Names that an import must never be taken for: unrelated or empty packages on a well-known module's name. */
export const neverNames: ReadonlySet<string> = new Set(
  'agents clip faiss hubspot hydra google google-cloud azure crypto exceptions opencv haystack pipecat skimage tavily usb whisper-py config settings utils tests test core common helpers none futures enum34 uuid typing asyncio pathlib configparser dataclasses argparse ordereddict pycrypto'.split(
    ' ',
  ),
)

/** Packages without a module of their own, or only for tests, types and documentation. */
export const unimportable: RegExp =
  /^(?:types-|pytest-|nvidia-|flake8-|pylint-|sphinx-|mkdocs-|pulumi-|mypy-boto3-|pyobjc-|aws-cdk-|jupyterlab-|dbt-|robotframework-|adafruit-|pyqt\d-|hatch-|poetry-|setuptools-|jax-cuda|tensorrt-|edx-|xblock|plone|collective|odoo|alibabacloud-|aliyun-python-sdk-|tencentcloud-sdk-|huaweicloudsdk|dagster-|prefect-|opentelemetry-exporter-gcp|pyside\d-|shiboken|intel-|ansible-|python-\w+client$|bitarray-|cucumber|language-|types_|testing-|comfyui-|anki-|snowplow|airbyte-|singer-|tap-|target-)|-stubs$|-cu\d\d$|-nspkg$|-bin$|-types$|-stub$|-pjrt$|-nightly$|-plugin$/

/** Less known names that the programs Kiln is made for import: agents, models, chats. */
export const interesting: RegExp =
  /agent|llm|gpt|chat|langchain|langgraph|(?:^|-)(?:ai|bot|mcp|rag|a2a|whisper|telegram|discord|slack)(?:$|-)|embed|vector|prompt|binance|letta|zep|pipecat|backtrader|crawl|scrap|youtube|yfinance|duckduckgo|wikipedia|arxiv|openai|anthropic|gemini|groq|ollama|mistral|twilio|elevenlabs|deepgram|cartesia|search|pdf|docx|spotipy|tweepy|praw|finnhub|alpha-vantage|newsapi|composio|embedchain|rerank|unsloth|copilot|ag-ui|vonage|opentok|whatsapp|notion|calendar|trading|reddit|spotify|webrtc|speech|voice|audio/

/** Among them, what no program imports. */
export const boring: RegExp =
  /(?:^|-)(?:plugin|provider|providers|exporter|instrumentation|connector|stub|stubs|types|toolkit|starter|server|cli|ext|extension|installer|frontend|widget|lint|test|testing|internal|hook|hooks|action|config|operator|datasource|template|example|examples|demo|py3|v2|v3|beta|dev|alpha|pre)(?:$|-)|^(?:agent-framework-|k8s|ibm-|sap-|acceldata|trulens-|openinference-|odoo|pyobjc|ansible|collective|plone|torch|tf-|keras|onnx|nvidia|cuda|jax|mlx-|aws-|azure-|google-|oci-|alibaba|aliyun|tencent|huawei|volc|baidu|vonage-|promptflow-|opendata|uipath|http-|pdf-tools|elasticsearch\d|user-agent|ko-)/

/** Rows of the lists that are wrong or worth nothing: other systems than Linux, one-sided plugins, modules nobody imports. */
export const worthlessRows: RegExp =
  /^(?:win32|winxp|winn|wini|winp|wine|py(?:win|thonwin)|mmsystem|mmapfile|odbc|perfmon|regutil|servicemanager|sspicon|commctrl|dde|isapi|ntsecuritycon|easy_install|_\w+|\w+_pytest|flake8_|pylsp_|spyder_|xblock|edx_|ccx_|cronlog|crontabs|mprof|pyi_splash|isympy|blackd|pwiz|mypyc|torchgen|jupyterlab_|dateparser_data|ipykernel_launcher|docker_image|dockerpycreds|ibm_db_|lib(?:futurize|pasteurize)|libscan|kernprof|grpc_testing|ldapurl|ldif|win2kras|yapf_third|tiktoken_ext|pydevd_|piplicenses|codespell_lib|anybadge_|rst2|sass(?:c|utils)|milestones|release_util|staff_graded|Products|plone|zope\.app)/

/** Packages of other systems than Linux, and of tools beside the program. */
export const worthlessPackages: RegExp =
  /^(?:pyobjc-|robotframework-|types-|sphinx-|flake8-|pylint-|pytest-|edx-|adafruit-circuitpython-|mkdocs-|jupyterlab|pyqt\d-sip|azureml-)/

/** Rows of what frameworks need that are worth nothing: deep inside, of another tool, chosen by a text instead of an import, or more than is needed. */
export const worthlessCompanions: RegExp =
  /^(?:celery\.(?:contrib|backends\.asynchronous|concurrency)|dspy\.(?:datasets|dsp|evaluate|primitives|clients\.lm_local)|crewai\.(?:task|project|a2a\.\w+|rag\.\w+\.\w+|agents)|crewai_tools|haystack|camel|pydantic_ai\.(?:models|providers|embeddings|realtime)|agno\.(?:db\.migrations|os\.|utils|test|eval|api|cli|agents|learn|context|workflow)|mem0|langchain_community\.(?:callbacks|chat_loaders|adapters|chains|utils|indexes|example_selectors|graph_vectorstores|document_compressors|cross_encoders|llms|storage|cache|document_transformers)|google\.adk\.(?:evaluation|cli|a2a\.converters)|llama_index\.core|agents\.extensions\.sandbox\.[A-Z]|agents\.sandbox|semantic_kernel\.(?:utils|processes|functions|agents|connectors\.memory_stores|connectors\.ai\.open_ai)|smolagents\.(?:agent_types|tools$|tools\.Tool$)|strands\.(?:tools|telemetry)|autogen_ext\.\w+\.\w+\.\w+|strands_tools\.(?:generate|http|nova|retrieve|speak|use_aws|memory$|search|chat))|\.(?:tests?|example|examples|migrations|constants|types|errors|utils|schemas?)(?:\.|$)/

/** Classes that only work with more than their framework brings, by the name programs import from its top. */
export const classCompanions: Readonly<Record<string, string>> = {
  crewai_tools:
    'FirecrawlScrapeWebsiteTool firecrawl-py,FirecrawlCrawlWebsiteTool firecrawl-py,FirecrawlSearchTool firecrawl-py,EXASearchTool exa-py,SeleniumScrapingTool selenium,ScrapeWebsiteTool beautifulsoup4,ScrapeElementFromWebsiteTool beautifulsoup4,MCPServerAdapter [mcp],BrowserbaseLoadTool browserbase,LinkupSearchTool linkup-sdk,NL2SQLTool [sqlalchemy],MongoDBVectorSearchTool pymongo,QdrantVectorSearchTool qdrant-client,WeaviateVectorSearchTool weaviate-client,SerpApiGoogleSearchTool google-search-results,S3ReaderTool boto3,S3WriterTool boto3,ComposioTool composio,LlamaIndexTool llama-index-core,ScrapegraphScrapeTool scrapegraph-py,TavilySearchTool tavily-python,TavilyExtractorTool tavily-python,SpiderTool spider-client,MultiOnTool multion,StagehandTool stagehand,YoutubeVideoSearchTool youtube-transcript-api,YoutubeChannelSearchTool youtube-transcript-api,PDFSearchTool pypdf,DOCXSearchTool docx2txt',
  haystack:
    'PyPDFToDocument pypdf,HTMLToDocument trafilatura,MarkdownToDocument markdown-it-py mdit-plain,DOCXToDocument python-docx,PPTXToDocument python-pptx,XLSXToDocument openpyxl pandas tabulate,PDFMinerToDocument pdfminer-six,TransformersSimilarityRanker accelerate sentence-transformers torch transformers,SentenceTransformersTextEmbedder sentence-transformers,SentenceTransformersDocumentEmbedder sentence-transformers',
  llama_index:
    'SentenceTransformerRerank sentence-transformers,CodeSplitter tree-sitter tree-sitter-language-pack,HTMLNodeParser beautifulsoup4',
  smolagents:
    'OpenAIServerModel openai,LiteLLMModel litellm,HfApiModel huggingface-hub,GradioUI [gradio],MCPClient [mcp],ToolCollection [mcp]',
  crewai: 'PDFKnowledgeSource pdfplumber,ExcelKnowledgeSource openpyxl pandas,CrewDoclingSource [docling]',
  langchain_community:
    'OpenAIEmbeddings openai tiktoken,FAISS faiss-cpu,Qdrant qdrant-client,Pinecone pinecone,PGVector pgvector psycopg2-binary,PyPDFLoader pypdf,PyMuPDFLoader pymupdf,PyPDFium2Loader pypdfium2,PDFMinerLoader pdfminer-six,OnlinePDFLoader unstructured,UnstructuredPDFLoader unstructured,UnstructuredFileLoader unstructured,UnstructuredWordDocumentLoader unstructured,UnstructuredMarkdownLoader unstructured,UnstructuredHTMLLoader unstructured,UnstructuredExcelLoader unstructured,UnstructuredPowerPointLoader unstructured,UnstructuredURLLoader unstructured,DirectoryLoader unstructured,BSHTMLLoader beautifulsoup4,RecursiveUrlLoader beautifulsoup4,ArxivLoader arxiv pymupdf,WikipediaLoader wikipedia,PubMedLoader xmltodict,AsyncHtmlLoader beautifulsoup4,PyPDFDirectoryLoader pypdf,WebBaseLoader beautifulsoup4,HuggingFaceEmbeddings sentence-transformers,SQLDatabase sqlalchemy,DuckDuckGoSearchRun ddgs,DuckDuckGoSearchResults ddgs,DuckDuckGoSearchAPIWrapper ddgs,WikipediaQueryRun wikipedia,WikipediaAPIWrapper wikipedia,ArxivQueryRun arxiv,ArxivAPIWrapper arxiv pymupdf,YoutubeLoader youtube-transcript-api,Docx2txtLoader docx2txt,TavilySearchResults tavily-python,YahooFinanceNewsTool yfinance,ChatOllama ollama,PubmedQueryRun xmltodict',
}

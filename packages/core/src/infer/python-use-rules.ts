// What code does with a package that needs another one, which no import names: `df.to_excel(` needs openpyxl.
// Facts of the packages' own documentation; imports.md 2.5, 2.6 and 2.9 list where each was seen.

export interface UseRule {
  /** stable; evidence is `python.indirect.use` with it */
  readonly id: string
  /** only in files that import one of these, or a module below it; separated by spaces */
  readonly of: string
  /** where the text has to begin: in code, or inside of a string */
  readonly in: 'code' | 'string'
  /** linear on any text */
  readonly pattern: RegExp
  /** requirements, separated by spaces; or by what the pattern's first group captured, in lower case */
  readonly needs: string | Readonly<Record<string, string>>
}

/** `openpyxl`-like engines that pandas takes by name. */
const engines: Readonly<Record<string, string>> = {
  openpyxl: 'openpyxl',
  xlsxwriter: 'xlsxwriter',
  odf: 'odfpy',
  xlrd: 'xlrd',
  pyxlsb: 'pyxlsb',
  calamine: 'python-calamine',
  fastparquet: 'fastparquet',
  pyarrow: 'pyarrow',
  html5lib: 'html5lib',
  lxml: 'lxml',
}

/** `init_chat_model("openai:…")`. */
const chatProviders: Readonly<Record<string, string>> = {
  openai: 'langchain-openai',
  azure_openai: 'langchain-openai',
  anthropic: 'langchain-anthropic',
  google_genai: 'langchain-google-genai',
  google_vertexai: 'langchain-google-vertexai',
  bedrock: 'langchain-aws',
  bedrock_converse: 'langchain-aws',
  cohere: 'langchain-cohere',
  deepseek: 'langchain-deepseek',
  fireworks: 'langchain-fireworks',
  groq: 'langchain-groq',
  huggingface: 'langchain-huggingface',
  mistralai: 'langchain-mistralai',
  nvidia: 'langchain-nvidia-ai-endpoints',
  ollama: 'langchain-ollama',
  perplexity: 'langchain-perplexity',
  together: 'langchain-together',
  xai: 'langchain-xai',
}

/** `LLM("anthropic/…")`: crewai has clients of its own for some, litellm for the others. */
const crewProviders: Readonly<Record<string, string>> = {
  anthropic: 'crewai[anthropic]',
  azure: 'crewai[azure-ai-inference]',
  bedrock: 'crewai[bedrock]',
  gemini: 'crewai[google-genai]',
  ...Object.fromEntries(
    'cohere deepseek fireworks_ai groq huggingface mistral nvidia_nim ollama openrouter perplexity together_ai vertex_ai xai'
      .split(' ')
      .map((name) => [name, 'crewai[litellm]']),
  ),
}

/** `{"provider": "…"}` of mem0's configuration. */
const memoryProviders: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  aws_bedrock: 'boto3',
  chroma: 'chromadb',
  elasticsearch: 'elasticsearch',
  faiss: 'faiss-cpu',
  gemini: 'google-genai',
  groq: 'groq',
  huggingface: 'sentence-transformers',
  litellm: 'litellm',
  milvus: 'pymilvus',
  mongodb: 'pymongo',
  ollama: 'ollama',
  pgvector: 'psycopg[binary] psycopg-pool',
  pinecone: 'pinecone',
  redis: 'redis redisvl',
  together: 'together',
  weaviate: 'weaviate-client',
}

const pandas = 'pandas geopandas polars dask'
const django = 'django rest_framework'

/** Each is tried on files that import its package only. */
export const useRules: readonly UseRule[] = [
  code('pandas.excel', pandas, /\b(?:read_excel|to_excel|ExcelWriter|ExcelFile)\s*\((?![^\n]{0,200}\bengine\s*=)/g, 'openpyxl'),
  code('pandas.engine', pandas, /\bengine\s*=\s*["'](\w{1,20})["']/g, engines),
  code('pandas.arrow', 'pandas geopandas dask', /\b(?:read|to)_(?:parquet|feather|orc)\s*\((?![^\n]{0,200}\bengine\s*=)/g, 'pyarrow'),
  code('pandas.markup', pandas, /\b(?:read_html|read_xml|to_xml)\s*\(/g, 'lxml'),
  code('pandas.hdf', pandas, /\b(?:read_hdf|to_hdf|HDFStore)\s*\(/g, 'tables'),
  code('pandas.markdown', 'pandas', /\.to_markdown\s*\(/g, 'tabulate'),
  code('pandas.bigquery', pandas, /\b(?:read|to)_gbq\s*\(/g, 'pandas-gbq'),
  code(
    'pandas.style',
    'pandas',
    /\.style\s*\.\s*(?:format|background_gradient|apply|applymap|map|highlight_\w{1,20}|bar|set_\w{1,30}|hide)\b/g,
    'jinja2',
  ),
  code('pandas.plot', 'pandas', /\b(?:df|data|\w{1,40}_df)(?:\[[^\]\n]{0,80}\])?\.(?:plot|hist|boxplot)\b/g, 'matplotlib'),
  code('pandas.address', pandas, /\b(?:read|to)_\w{1,20}\s*\(\s*f?["'](s3a?|gs|gcs|abfss?|az|adl):\/\//g, {
    s3: 's3fs',
    s3a: 's3fs',
    gs: 'gcsfs',
    gcs: 'gcsfs',
    abfs: 'adlfs',
    abfss: 'adlfs',
    az: 'adlfs',
    adl: 'adlfs',
  }),
  code('polars.read-excel', 'polars', /\bread_excel\s*\(/g, 'fastexcel'),
  code('polars.write-excel', 'polars', /\bwrite_excel\s*\(/g, 'xlsxwriter'),
  code('polars.pandas', 'polars', /\.to_pandas\s*\(/g, 'pandas pyarrow'),
  code('bigquery.dataframe', 'google.cloud', /\.to_dataframe\s*\(/g, 'pandas db-dtypes'),
  code('bigquery.arrow', 'google.cloud', /\.to_arrow\s*\(/g, 'pyarrow'),
  code('bs4.parser', 'bs4', /\bBeautifulSoup\s*\([^\n]{0,300}?,\s*(?:features\s*=\s*)?["'](lxml|lxml-xml|xml|html5lib)["']/g, {
    lxml: 'lxml',
    'lxml-xml': 'lxml',
    xml: 'lxml',
    html5lib: 'html5lib',
  }),
  code('starlette.form', 'starlette', /\.form\s*\(\s*\)/g, 'python-multipart'),
  code('flask.async', 'flask', /@\w{1,40}\.(?:route|get|post|put|delete)\s*\([^\n]{0,200}\)[ \t]*\r?\nasync\s+def\b/g, 'flask[async]'),
  code('httpx.http2', 'httpx', /\bhttp2\s*=\s*True\b/g, 'httpx[http2]'),
  text('httpx.socks', 'httpx', /\bsocks[45]h?:\/\//g, 'httpx[socks]'),
  text('requests.socks', 'requests', /\bsocks[45]h?:\/\//g, 'requests[socks]'),
  text('queue.redis', 'celery kombu dramatiq arq', /\brediss?:\/\//g, 'redis'),
  text('queue.sqs', 'celery kombu', /\bsqs:\/\//g, 'celery[sqs]'),
  code('passlib.scheme', 'passlib', /\bschemes\s*=\s*\[[^\]\n]{0,200}\b(bcrypt|argon2)\b/g, {
    bcrypt: 'passlib[bcrypt]',
    argon2: 'passlib[argon2]',
  }),
  text('mongo.srv', 'pymongo motor mongoengine beanie', /\bmongodb\+srv:\/\//g, 'pymongo[srv]'),
  code(
    'transformers.torch',
    'transformers',
    /\b(?:pipeline\s*\(|AutoModel\w{0,60}|\w{1,40}For(?:CausalLM|SequenceClassification|TokenClassification|ConditionalGeneration|QuestionAnswering)\b|Trainer\s*\()/g,
    'torch',
  ),
  code('transformers.accelerate', 'transformers', /\b(?:device_map\s*=|low_cpu_mem_usage\s*=)/g, 'accelerate'),
  code('transformers.bitsandbytes', 'transformers', /\b(?:load_in_[48]bit\s*=|BitsAndBytesConfig\b)/g, 'accelerate bitsandbytes'),
  code(
    'imageio.video',
    'imageio',
    /\b(?:get_writer|get_reader|mimsave|mimwrite|imiter)\s*\([^\n]{0,200}\.(?:mp4|mov|avi|webm)\b/g,
    'imageio[ffmpeg]',
  ),
  code('plotly.image', 'plotly', /\.(?:write_image|to_image)\s*\(/g, 'kaleido'),
  code('plotly.trendline', 'plotly', /\btrendline\s*=/g, 'statsmodels'),
  code('networkx.draw', 'networkx', /\bnx\.draw\w{0,30}\s*\(/g, 'matplotlib'),
  code(
    'networkx.scipy',
    'networkx',
    /\bnx\.(?:pagerank|to_scipy_sparse_array|adjacency_matrix|laplacian_matrix|kamada_kawai_layout)\s*\(/g,
    'scipy',
  ),
  code('geopandas.explore', 'geopandas', /\.explore\s*\(/g, 'folium mapclassify'),
  code('streamlit.connection', 'streamlit', /\bst\.connection\s*\([^\n]{0,200}["']sql["']/g, 'sqlalchemy'),
  code('django.image', django, /\bImageField\s*\(/g, 'pillow'),
  text('django.database', django, /\bdjango\.(?:db\.backends|contrib\.gis\.db\.backends)\.(postgresql|postgis|mysql|oracle)\b/g, {
    postgresql: 'psycopg[binary]',
    postgis: 'psycopg[binary]',
    mysql: 'mysqlclient',
    oracle: 'oracledb',
  }),
  text('django.cache', django, /\bdjango\.core\.cache\.backends\.(redis|memcached)\b/g, { redis: 'redis', memcached: 'pymemcache' }),
  code('langchain.provider', 'langchain langgraph deepagents', /\bmodel_provider\s*=\s*["'](\w{1,40})["']/g, chatProviders),
  text(
    'langchain.model',
    'langchain.chat_models langchain.agents langchain.embeddings deepagents langgraph',
    /\b(\w{1,40}):[a-zA-Z][\w.\-/:]{1,80}(?=["'])/g,
    chatProviders,
  ),
  text('crewai.model', 'crewai', /\b([a-z_]{2,20})\/[a-zA-Z][\w.\-/:]{1,80}(?=["'])/g, crewProviders),
  text('mem0.provider', 'mem0', /["']provider["']\s*:\s*["'](\w{1,40})["']/g, memoryProviders),
  code('opencv.window', 'cv2', /\bcv2\.(?:imshow|namedWindow|waitKey|createTrackbar|setMouseCallback|selectROI)\s*\(/g, 'opencv-python'),
  code('llama-index.settings', 'llama_index', /\bSettings\.llm\s*=/g, ''),
  // What a release took away; each seen in the wheels on PyPI.
  code('openai.before-1', 'openai', /\bopenai\.(?:ChatCompletion|Completion|Embedding|Moderation|error)\b/g, 'openai<1'),
  code('numpy.before-1.24', 'numpy', /\bnp\.(?:float|int|object|complex)\b(?!\s*=)/g, 'numpy<1.24'),
  code('pinecone.before-3', 'pinecone', /\bpinecone\.init\s*\(/g, 'pinecone-client<3'),
  code('selenium.before-4.3', 'selenium', /\.find_elements?_by_\w{1,30}\s*\(/g, 'selenium<4.3'),
  code('pypdf2.before-3', 'PyPDF2', /\bPyPDF2\.PdfFile(?:Reader|Writer|Merger)\b/g, 'pypdf2<3'),
  code('tweepy.before-4', 'tweepy', /\btweepy\.StreamListener\b/g, 'tweepy<4'),
]

function code(id: string, of: string, pattern: RegExp, needs: UseRule['needs']): UseRule {
  return { id, of, in: 'code', pattern, needs }
}

function text(id: string, of: string, pattern: RegExp, needs: UseRule['needs']): UseRule {
  return { id, of, in: 'string', pattern, needs }
}

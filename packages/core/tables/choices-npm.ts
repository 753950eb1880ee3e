// Which of the most downloaded names on npm programs import: most of them are only parts of other packages.

/** Builds for one platform, types, and plugins of build tools. */
export const npmUnimportable: RegExp =
  /^@types\/|(?:linux|darwin|win32|freebsd|android|netbsd|openbsd|sunos|openharmony|aix|wasm32)-?|^@babel\/(?:plugin|helper)-|^babel-plugin-|^@esbuild|^@rollup\/|^@swc\/|^postcss-(?!import)|^eslint-|^@aws-sdk\/(?:middleware|util|credential|token|nested)|^@smithy|^micromark-|^hast-|^mdast-|^@jest\/|^jest-|^@eslint/

/** Small parts that other packages bring along, whatever their rank. */
export const npmParts: RegExp =
  /^(?:is-|has-|es-|es6-|array[.-]|array(?:buffer)?\.|string[.-]|object[.-]|regexp|ansi-|strip-|lodash\.|set-|get-|define-|unicode-|whatwg-|ast-|side-channel|safe-|stream-|static-|to-|unc-|use-(?:callback|sidecar|isomorphic|sync)|util|v8-|w3c-|which-|wrap|yocto|y18n|@protobufjs|@webassemblyjs|@jridgewell|@csstools|@nodelib|@octokit\/(?!rest|core|webhooks|auth-app|graphql)|@babel\/(?!core|runtime$|parser|preset-(?:env|react|typescript)|traverse|generator)|@opentelemetry\/(?:instrumentation-(?!http|express)|otlp|core|redis|sql|propagator)|micromark|mdast-|hast-|unist-|vfile|estree|@jest|jest-|babel-|@typescript-eslint\/(?!parser|eslint)|@inquirer\/|@npmcli|@sentry\/(?!node|react|nextjs|browser|vue|svelte)|@sentry-internal|@aws-crypto|@aws-sdk\/(?!client|lib|s3|cloudfront-signer)|postcss-(?!import|nested|preset)|@vue\/(?:compiler|shared|reactivity|runtime)|@radix-ui\/(?:react-(?:use|focus|dismiss|id$|portal|presence|primitive|collection|compose|context$|direction|popper|roving|arrow)|primitive|number|rect)|@storybook\/(?!react|vue|addon|nextjs)|css-(?!loader)|cssnano|cssom|cssstyle|d3-|eslint-(?!config-next|plugin-react)|json-|@isaacs|@pkg|@humanwhocodes|@unrs|@img|@napi|@emnapi|@tybys|@parcel|@nodable|@sinon|@istanbul|istanbul|@rollup|@svgr|@xtuc|@types|@ungap|@standard-schema|@sinclair|@swc|@smithy|@tokenizer|@tootallnate|@vitest\/(?!ui|coverage)|acorn-|arr-|anymatch|asn1|async-|at-least|base-|big-|block-|brace|braces|browserify|buffer-|bundle-|bytes$|cacheable|call-|camel|caniuse|char-|charac|class-util|cli-(?!progress|table)|clone-|co$|collect-|color-(?:convert|name|string|support)|combined-|comma-|component-|concat-map|content-|convert-|cookie-signature|copy-desc|core-js-|core-util|create-(?:hash|hmac|ecdh|require)|crypto-(?!js)|currently|data-(?:uri|urls|view)|decimal|decode-|decompress|dedent|deep-is|degen|delayed|delegates|detect-|dir-glob|doctrine|dom(?:exception|elementtype|handler|-serializer|-walk)|dunder|ecc-|ee-first|electron-to|emittery|emoji-regex|encodeurl|end-of|enhanced|env-paths|err-code|error-|escal|escape-|esutils|etag|event-|execSync|exit|expand-|ext|fast-(?!glob|xml|check)|fastq|fb-|figures|file-entry|file-uri|fill-|final|find-|flat-cache|flatted|for-|forwarded|fragment|fresh|from|fs-(?!extra)|fsevents|function|gensync|glob-|globals|gopd|graceful|graphemer|growly|har-|hash-|hasown|hmac|hosted|hpack|html-(?!webpack|to-text|react)|http-(?!proxy|errors)|human-|iconv|ieee|ignore-|import-|imurmur|indent|infer-|inflight|inherits|inline-|internal-|ip-regex|ipaddr|iterator|iterare|js-(?!yaml|cookie|beautify)|jsbn|jsesc|jsprim|jsx-ast|keygrip|keyv|kind-of|leven|lines-|load-|locate|log-(?!update)|loose|loupe|make-|makeerror|map-|md5|media-typer|memfs|merge-(?:desc|stream)|methods|miller|mime-(?!types)|mimic|minimal|minimatch|minipass|minizlib|mixin|ms$|mute|nanomatch|natural|negotiator|neo-|next-tick|no-case|node-(?:int|gyp|releases|abort|domexception|forge|preload)|nopt|normalize-|npm-|npmlog|nth-|nwsapi|oauth-sign|ob1|obuf|on-|once|onetime|opener|option|os-|own-|p-(?:try|finally|defer|is|locate|timeout|cancel)|package-json-|pako|param|parent|parse-|parse5|parseurl|pascal|path-(?!to-regexp|browserify)|pbkdf2|pend|performance|picocolors|picomatch|pify|pinkie|pirates|pkg-|pluralize|posix|possible|prebuild|prelude|prepend|pretty-(?!bytes|ms)|process|promise-|prompts|proper|proto-list|proxy-(?!agent)|prr|pseudomap|psl|pump|punycode|pure-rand|qrcode-terminal|querystring|queue-|quick-|random|range-|raw-body|rc$|read-|readable|readdirp|rechoir|redent|redis-(?:err|par)|reflect\.|regenerat|regjs|remove-|repeat-|require-|requires-|reserved|resolve|restore|retry|reusify|rfdc|ripemd|run-(?!s)|rw|safer|sane|saxes|schema-utils|select-|semver-|send|serialize-|serve-(?:static|index)|shallow|shebang|shell-|signal|sisteransi|slash|slice-|smart-|snake|snapdragon|sonic|source-|space-|spdx|split|sprintf|sshpk|ssri|stack-|statuses|stdin|stealthy|sucrase|supports-|symbol-|synckit|table|tapable|term|test-|text-|throat|through|thunky|tiny|tmpl|toidentifier|totalist|tough|tr46|trim|ts-(?!node|jest|loader|morph)|tslib|tsutils|tunnel|tweetnacl|type-(?!fest|graphql)|typed-array|typedarray|uc\.micro|uglify|unbox|undici-types|union|uniq|unique|universalify|unpipe|unset|untildify|update-|uri|urix|url-|use$|utf|utils|vary|verror|vm-|void|walker|watchpack|webidl|webpack-(?!cli|dev|merge|bundle|node)|widest|wide-|wildcard|word-|write-|xdg|xml-name|xmlchars|xtend|yallist|yaml-)/

/** Among the packages above, what only their own family imports. */
export const npmInternal: RegExp =
  /eslint|-plugin$|types$|-utils?$|-internal|-core$|-common$|helper|shared|loader-utils|refresh|devtools|stylelint/

/** What programs import by name, though it is less often downloaded than such parts. */
export const npmInteresting: RegExp =
  /^(?:@(?:langchain|ai-sdk|anthropic-ai|openai|google|google-cloud|modelcontextprotocol|mastra|hono|fastify|slack|huggingface|pinecone-database|qdrant|supabase|prisma|livekit|copilotkit|ag-ui|azure|vercel|radix-ui|tanstack|angular|nestjs|tailwindcss|vitejs|emotion|mui|headlessui|heroicons|remix-run|react-router|sveltejs|nuxt|auth|clerk|upstash|trpc|apollo|reduxjs|testing-library|daily-co|pipecat-ai|tabler|base-ui|chakra-ui|hookform|dnd-kit|stripe|sentry\/(?:node|react|nextjs)|aws-sdk\/(?:client-(?:s3|dynamodb|bedrock|sqs|sns|ses|lambda|secrets|ssm|kms|sts|cloudwatch|cognito|rds|ec2|ecs|eventbridge|polly|textract|rekognition|transcribe|iam)|lib)|storybook\/(?:react|nextjs|addon))\b|langchain|langsmith|llamaindex|cohere-ai|ollama|discord|telegraf|elysia|groq-sdk|replicate|chromadb|weaviate|whatsapp|node-telegram|openai|twitter-api|googleapis|react|next|vue|nuxt|svelte|solid-|preact|astro|express|fastify|koa|hono|h3$|nitro|remix|expo|tailwind|prisma|drizzle|mongo|redis|ioredis|pg|postgres|mysql|sqlite|better-|knex|kysely|sequelize|typeorm|graphql|apollo|urql|socket\.io|ws$|remark|rehype|markdown|mdx|stripe|twilio|nodemailer|puppeteer|playwright|cheerio|axios|zod|valibot|yup|joi|swr|jotai|zustand|recoil|redux|mobx|three|framer|motion|lucide|recharts|chart|date-fns|dayjs|moment|luxon|lodash$|uuid|nanoid|dotenv|commander|yargs$|chalk|winston|pino|morgan|helmet|cors|multer|passport|bcrypt|jsonwebtoken|jose|livekit|pdf|docx|xlsx|mammoth|sharp|jimp|canvas|openapi|swagger|bull|agenda|cron|node-cron|p-(?:queue|limit|map|retry)|turbo|nx|vite|webpack|tsup|tsx|esbuild|postcss|sass|less|swiper|embla|cmdk|sonner|vaul|ethers|viem|wagmi|web3|geist|nuqs|shiki|katex|prism|highlight|ai$|e2b|server-only|client-only|clsx|class-variance|tw-|input-otp|qrcode|slate|lexical|monaco|codemirror|tiptap|jsdom|turndown|cookie|js-cookie|superjson|papaparse|csv|fuse|minisearch|meilisearch|algolia|firebase|posthog|statsig|launchdarkly|contentful|sanity|payload|shopify)/

/** More of what only other packages import. */
export const npmDropped: RegExp =
  /^(?:@(?:actions|adobe|alloc|ampproject|apidevtools|asamuzakjp|bcoe|borewit|colors|cspotcode|dabh|dataform|discoveryjs|firebase|flmngr|formatjs|graphql-typed-document-node|hapi|humanfs|ioredis|js-sdsl|jsonjoy\.com|kwsites|leichtgewicht|mapbox|mswjs|nolyfill|open-draft|pinojs|polka|rolldown|rtsao|rushstack|sec-ant|sideway|sindresorhus|socket\.io|szmarczak|trysound|ts-morph|zeit|base44|aws|azure-rest|graphql-codegen|puppeteer)\/|@angular-devkit\/(?!build-angular)|@angular\/(?:elements|language-service|material-moment|platform-server|build$)|@apollo\/(?:protobufjs|server-|usage|utils)|@azure\/(?:abort|arm|core-(?!auth|rest)|logger|ms-rest|msal-common|opentelemetry)|@chakra-ui\/(?!react|icon)|@emotion\/(?!react|styled$|css|cache|server)|@fastify\/(?:accept|ajv|busboy|deepmerge|error|fast-json|forwarded|merge|otel|proxy-addr|send)|@floating-ui\/utils|@google-cloud\/(?:common|opentelemetry|paginator|precise|projectify|promisify)|@mui\/(?:base|core-|private|styled|types|utils|x-(?:charts-vendor|license|telemetry|virtualizer))|@nestjs\/schematics|@nuxt\/(?!ui|kit)|@prisma\/(?!client|adapter|instrumentation|extension)|@remix-run\/(?:web|node-fetch|router|server-runtime)|@storybook\/addon-(?!essentials|links|interactions|a11y|docs)|@supabase\/(?!supabase-js|ssr|auth)|@sveltejs\/(?:acorn|vite-plugin-svelte-)|@tailwindcss\/(?:node|oxide)|@tanstack\/(?:history|pacer|router-gen|store|virtual-file)|@upstash\/core|@vercel\/(?:backends|cervel|detect|elysia|express|fastify|fun$|gatsby|go$|h3|hono|hydrogen|koa|nestjs|next$|oidc|python|redwood|remix-builder|ruby|rust|static|stega)|@vitejs\/plugin-(?:basic|vue-jsx)|@slack\/(?:logger|oauth|socket)|@langchain\/langgraph-(?:checkpoint|sdk)|@dnd-kit\/accessibility|@base-ui\/utils|@livekit\/mutex|@openai\/codex|@google\/gemini-cli|@modelcontextprotocol\/ext|@ai-sdk\/provider-utils|@octokit\/graphql|JSONStream|abab|abbrev|abort-|address|agent-base|agentkeep|aggregate-|ajv-keywords|ansis|any-promise|apollo-(?:data|link|report|server-(?:env|err|plugin)|util)|append-|aproba|arch$|archiver-|are-we|arg$|aria-hidden|arrify|asap|assert-|assign-|astral|asynckit|atomic-|available-|aws-sign|aws4|axe-core|axios-(?:ntlm|proxy)|axobject|b4a|bail$|balanced|bare-|base(?:$|64|line)|basic-ftp|batch$|bcrypt-pbkdf|before-after|better-(?:ajv|assert|call|opn|path)|bidi|binary-|bindings|bl$|bonjour|boolbase|bowser|boxen|bplist|brorand|browser|bs-logger|bser|builtin|cac$|cacache|cache-base|callsites|canvaskit|capital|caseless|ccount|chardet|charenc|chartjs-color|check-error|chownr|chrome-trace|chromium-|cipher|cjs-|clean-(?!css)|cliui|cluster-key|codemirror-graphql|collection|color[de]|compress(?!ion)|common(?:dir|-path)|confbox|config-|configstore|confusing|connect-|console-|constant|constants|conventional|contentful-resolve)/

/** The same, by name. */
export const npmDroppedNames: ReadonlySet<string> = new Set(
  `cookiejar crc create-ecdh cssesc d damerau-levenshtein dashdash debug-fabulous deep-eql
 default-browser default-browser-id default-gateway defaults defer-to-connect denque depd dependency-graph deprecation
dequal des.js destroy devlop devtools-protocol dezalgo didyoumean diff-sequences dns-packet dom-accessibility-api dom-converter
domutils dot-case duplexer duplexer2 duplexify eastasianwidth ecdsa-sig-formatter elliptic emojis-list enabled engine.io
engine.io-client engine.io-parser envinfo environment errno es5-ext esbuild-loader esbuild-plugin-alias esbuild-register
esbuild-windows-32 esbuild-windows-64 esbuild-windows-arm64 esquery esrecurse estraverse events-universal eventsource-parser
evp_bytestokey expect-type expo-dev-launcher expo-dev-menu expo-dev-menu-interface expo-eas-client expo-image-loader expo-manifests
expo-modules-autolinking expo-server expo-structured-headers expo-symbols expo-updates-interface exponential-backoff express-unless
exsolve faye-websocket fbjs fd-slicer fecha fetch-blob filelist filter-obj findup-sync flat fn.name
foreground-child forever-agent form-data-encoder formdata-polyfill fraction.js fs.realpath gauge gaxios gcp-metadata generator-function
getpass giget github-from-package global-dirs global-modules global-prefix globalthis globrex google-gax google-logging-utils gtoken
handle-thing hard-rejection has hash.js header-case hermes-estree hermes-parser highlight-es highlightjs-vue homedir-polyfill
http2-wrapper humanize-ms icss-utils internmap interpret ip-address isarray isbinaryfile isexe
isobject isstream jackspeak jake jimp-compact join-component join-path joycon jsonify jsonparse jsonpointer jwa jws 
klona koa-compose koa-convert koa-is-json koa-send koalas kuler language-subtag-registry language-tags launch-editor
launchdarkly-eventsource lazystream levn lie lilconfig limiter linkify-it loader-runner loader-utils local-pkg logform longest-streak
lower-case lowercase-keys magicast markdown-escape markdown-escapes markdown-extensions markdown-table math-intrinsics
mdn-data mdurl memory-fs merge2 min-indent minimist-options mkdirp-classic mlly module-details-from-path
mongodb-connection-string-url motion-dom motion-utils multicast-dns nan napi-build-utils napi-postinstall netmask
next-intl-swc-plugin-extractor nice-try node-abi node-addon-api node-fetch-native notifications-node-client nullthrows nx nypm obug
 one-time openapi-path-templating openapi-server-url-templating outvariant p-map-series pac-proxy-agent pac-resolver package-json
package-manager-detector pacote passport-strategy pathval perfect-debounce pg-cloudflare pg-gateway pg-int8
pg-minify pg-numeric pg-protocol pg-types pgpass pidtree pino-abstract-transport pino-std-serializers pkce-challenge pnpm
portfinder postgres-array postgres-bytea postgres-date postgres-interval postgres-range prettier-linter-helpers prism-media proc-log
proto3-json-serializer puppeteer-extra-plugin-user-data-dir puppeteer-extra-plugin-user-preferences qrcode-generator 
react-async-script react-base16-styling react-clientside-effect react-compiler-runtime react-composer react-docgen
react-docgen-typescript react-easy-router react-error-overlay react-floater react-from-dom react-innertext
react-loadable-ssr-addon-v5-slorber react-promise-suspense react-property react-refresh react-remove-scroll-bar react-scan
react-script-hook react-shallow-renderer react-side-effect react-style-singleton react-universal-interface reactcss readdir-glob
real-require redis-commands redis-info regex-not registry-auth-token registry-url rehype-recma relateurl renderkid responselike
ret robust-predicates rrweb-cssom sass-graph sass-lookup selfsigned sentence-case sequelize-pool setimmediate setprototypeof
shimmer siginfo simple-concat simple-swizzle simple-update-notifier slate-hyperscript socket.io-adapter socket.io-parser
sockjs sourcemap-codec spdy spdy-transport stable stable-hash stackback stackframe standard-as-callback 
stop-iteration-iterator streamsearch streamx strict-event-emitter strict-uri-encode stringify-entities stringify-object strnum strtok3
stubs style-to-js style-to-object stylehacks stylis svg-parser swagger-schema-official teeny-request telecom-mas-agent temp-dir thenify
thenify-all thread-stream throttleit tldts-core token-types triple-beam trough tsconfck tsconfig-paths-webpack-plugin turbo-stream
turbo-windows-64 turbo-windows-arm64 type types-registry uint8array-extras unbzip2-stream undefsafe unicorn-magic
universal-user-agent unplugin unrs-resolver upper-case upper-case-first url uuid-browser uuid-parse validate-npm-package-license
validate-npm-package-name victory-vendor vite-compatible-readable-stream vite-dev-rpc vite-hot-client vite-plugin-dynamic-import
vite-plugin-full-reload vite-plugin-storybook-nextjs vite-plugin-vue-inspector vite-plugin-vue-tracer vitefu vue-bundle-renderer
vue-component-meta vue-demi vue-docgen-api vue-hot-reload-api vue-resize vue-style-loader vue-template-compiler
vue-template-es2015-compiler wbuf wcwidth web3-eth web3-eth-abi web3-eth-accounts web3-eth-contract web3-eth-ens web3-eth-iban
web3-eth-personal web3-net web3-providers-http web3-providers-ipc web3-providers-ws webpackbar websocket-driver websocket-extensions
why-is-node-running wordwrap wsl-utils yargs-unparser yauzl yn zip-stream zod-validation-error zwitch`.split(/\s+/),
)

/** Names beside the ranks: what rules name, tools for development, frameworks' own, and packages newer than the lists. */
export const npmAlso: readonly string[] =
  `@a2a-js/sdk @ag-ui/client @angular/animations @angular/platform-browser-dynamic @astrojs/check @astrojs/cloudflare @astrojs/mdx
@astrojs/node @astrojs/react @astrojs/rss @astrojs/sitemap @astrojs/svelte @astrojs/tailwind @astrojs/vercel @astrojs/vue
@aws-sdk/s3-presigned-post @azure/openai @browserbasehq/sdk @browserbasehq/stagehand @clack/prompts @clerk/nextjs
@cloudflare/workers-types @composio/core @copilotkit/react-core @copilotkit/react-ui @copilotkit/runtime @coral-xyz/anchor
@daily-co/daily-js @deepgram/sdk @discordjs/voice @docusaurus/core @docusaurus/preset-classic @dqbd/tiktoken @e2b/code-interpreter
@elastic/elasticsearch @elevenlabs/elevenlabs-js @eslint/eslintrc @eslint/js @fontsource/inter @growthbook/growthbook @hapi/hapi
@headlessui/tailwindcss @hubspot/api-client @iarna/toml @iconify/react @inquirer/prompts @ionic/react @ionic/vue @koa/cors @koa/router
@lancedb/lancedb @langchain/google-genai @langchain/groq @langchain/mistralai @langchain/ollama @langfuse/client
@launchdarkly/node-server-sdk @libsql/client @linear/sdk @livekit/agents @livekit/components-react @livekit/components-styles
@mastra/libsql @mastra/loggers @mastra/mcp @mastra/memory @mendable/firecrawl-js @mistralai/mistralai @monaco-editor/react
@mozilla/readability @neondatabase/serverless @next/bundle-analyzer @next/eslint-plugin-next @next/font @next/mdx @notionhq/client
@nuxt/ui @openfeature/core @openfeature/server-sdk @openrouter/ai-sdk-provider @opensearch-project/opensearch @optimizely/optimizely-sdk
@phosphor-icons/react @pipecat-ai/client-js @pipecat-ai/client-react @planetscale/database @playwright/test @polymer/polymer
@portabletext/react @react-router/dev @react-router/node @react-router/serve @remix-run/dev @remix-run/node @remix-run/react
@remix-run/serve @sanity/client @sendgrid/mail @shopify/hydrogen @sinclair/typebox @solana/web3.js @solidjs/meta @solidjs/router
@solidjs/start @statsig/react-bindings @stencil/core @storybook/react @sveltejs/adapter-auto @sveltejs/adapter-node
@sveltejs/adapter-static @sveltejs/adapter-vercel @sveltejs/kit @sveltejs/vite-plugin-svelte @tailwindcss/aspect-ratio
@tailwindcss/forms @tailwindcss/postcss @tailwindcss/typography @tailwindcss/vite @tavily/core @temporalio/client @temporalio/worker
@tensorflow/tfjs @trigger.dev/sdk @trivago/prettier-plugin-sort-imports @typescript-eslint/eslint-plugin @typescript-eslint/parser
@upstash/ratelimit @upstash/vector @vercel/analytics @vercel/blob @vercel/edge @vercel/edge-config @vercel/examples-ui @vercel/flags
@vercel/functions @vercel/global-config @vercel/kv @vercel/microfrontends @vercel/otel @vercel/sandbox @vercel/sdk
@vercel/speed-insights @vercel/style-guide @vercel/toolbar @vitejs/plugin-react @vitejs/plugin-react-swc @vitejs/plugin-vue @wagmi/core
@whiskeysockets/baileys @xenova/transformers @zilliz/milvus2-sdk-node agenda agents airtable amqplib animate.css arctic argon2 arktype
assemblyai aws-sdk babel-plugin-module-resolver babel-preset-solid bcryptjs blurhash bootstrap bootstrap-icons botid bottleneck boxen
braintrust bs58 bulma cassandra-driver chromadb class-transformer class-validator compromise cookie-parser crawlee cross-env cuid
drizzle-kit drizzle-orm e2b effect elevenlabs elysia escape-html eslint eslint-config-airbnb eslint-config-next eslint-config-prettier
eslint-config-standard eslint-config-turbo eslint-plugin-import eslint-plugin-jsx-a11y eslint-plugin-prettier eslint-plugin-react
eslint-plugin-react-hooks eslint-plugin-react-refresh eslint-plugin-storybook ethers exa-js exceljs fastify-plugin figlet flags
flagsmith fluent-ffmpeg fp-ts front-matter gatsby gatsby-link geist globals gpt-tokenizer grammy gray-matter husky iconv-lite imap
imapflow inngest inversify ionicons isbot isomorphic-git jest jira-client js-tiktoken js-xxhash jsforce kafkajs ky langfuse libsql
linkedom lint-staged livekit-client livekit-server-sdk llamaindex lodash.debounce mailparser mastra mcp-handler meilisearch
monaco-editor mqtt ms nats natural neo4j-driver neverthrow next-auth next-mdx-remote next-seo next-themes nitro nitropack nock
node-html-parser node-schedule node-telegram-bot-api nodemon normalize.css nprogress nuqs octokit onnxruntime-node payload pinia polka
postal-mime prettier prettier-plugin-svelte prettier-plugin-tailwindcss prompts pug punycode qrcode-terminal react-hot-toast
react-spinners remark remark-html replicate resend rollup rss-parser sass selenium-webdriver single-spa single-spa-react sitemap siwe
smol-toml solid-js srvx statsig-node storybook streamdown string_decoder strip-ansi styled-components styled-jsx superstruct svelte
svelte-check swr systeminformation tailwindcss-animate telegraf tiktoken together-ai toml ts-node ts-pattern tslib tsup tsx tsyringe
turbo tw-animate-css tweetnacl twitter-api-v2 type-graphql typebox typescript typescript-eslint typesense umi use-debounce
use-stick-to-bottom vinxi vite vite-plugin-solid vite-tsconfig-paths vitest wagmi web-vitals webpack webpack-cli whatsapp-web.js
wrangler xmcp xstate ytdl-core zone.js zx`.split(/\s+/)

/** Packages without types of their own in their newest major, whose types are in `@types/`. */
export const npmTyped: readonly string[] =
  `adm-zip archiver aria-query bcrypt better-sqlite3 big.js body-parser busboy canvas-confetti compression connect cookie-parser cors
cross-spawn crypto-js debug ejs escape-html express express-session formidable fs-extra he hoist-non-react-statics http-errors jest
jquery js-cookie js-yaml jsdom jsonwebtoken katex koa koa-bodyparser koa-router koa-static lodash lodash-es luxon markdown-it micromatch
mime-types mocha morgan ms multer mustache mysql nodemailer nprogress papaparse passport passport-google-oauth20 passport-jwt
passport-local pdfkit pdfmake pg pngjs prismjs prop-types qrcode qs ramda react react-beautiful-dnd react-big-calendar react-color
react-dom react-google-recaptcha react-grid-layout react-helmet react-is react-modal react-slick react-syntax-highlighter react-table
react-transition-group react-virtualized sanitize-html semver shelljs supertest swagger-jsdoc swagger-ui-express tar-stream three tmp
turndown underscore which ws xml2js yargs`.split(/\s+/)

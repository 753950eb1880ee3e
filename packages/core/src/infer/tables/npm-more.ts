/** Names beside the generated list: what rules name, tools for development, and packages of frameworks that are newer than the lists. */
export const npmMore: readonly string[] =
  `@angular/animations @angular/platform-browser-dynamic @astrojs/check @astrojs/cloudflare @astrojs/mdx @astrojs/node @astrojs/react
@astrojs/rss @astrojs/sitemap @astrojs/svelte @astrojs/tailwind @astrojs/vercel @astrojs/vue @aws-sdk/s3-presigned-post @clerk/nextjs @docusaurus/core
@docusaurus/preset-classic @eslint/eslintrc @eslint/js @headlessui/tailwindcss @iconify/react @ionic/react @ionic/vue @langchain/google-genai
@launchdarkly/node-server-sdk @livekit/components-react @next/bundle-analyzer @next/eslint-plugin-next @next/font @next/mdx @nuxt/ui @optimizely/optimizely-sdk
@phosphor-icons/react @playwright/test @portabletext/react @react-router/dev @react-router/node @react-router/serve @remix-run/dev @remix-run/node
@remix-run/react @remix-run/serve @shopify/hydrogen @solidjs/meta @solidjs/router @solidjs/start @storybook/react @sveltejs/adapter-auto
@sveltejs/adapter-node @sveltejs/adapter-static @sveltejs/adapter-vercel @sveltejs/kit @sveltejs/vite-plugin-svelte @tailwindcss/aspect-ratio
@tailwindcss/forms @tailwindcss/postcss @tailwindcss/typography @tailwindcss/vite @tensorflow/tfjs @trivago/prettier-plugin-sort-imports
@typescript-eslint/eslint-plugin @typescript-eslint/parser @upstash/ratelimit @vercel/analytics @vercel/blob @vercel/edge @vercel/edge-config
@vercel/examples-ui @vercel/flags @vercel/functions @vercel/global-config @vercel/kv @vercel/microfrontends @vercel/otel @vercel/sandbox @vercel/sdk
@vercel/speed-insights @vercel/style-guide @vercel/toolbar @vitejs/plugin-react @vitejs/plugin-react-swc @vitejs/plugin-vue @wagmi/core arctic aws-sdk
babel-plugin-module-resolver babel-preset-solid bcryptjs blurhash botid cookie-parser cross-env cuid drizzle-kit drizzle-orm escape-html
eslint eslint-config-airbnb eslint-config-next eslint-config-prettier eslint-config-standard eslint-config-turbo eslint-plugin-import
eslint-plugin-jsx-a11y eslint-plugin-prettier eslint-plugin-react eslint-plugin-react-hooks eslint-plugin-react-refresh eslint-plugin-storybook
ethers flags front-matter gatsby geist globals gray-matter husky inversify ionicons isbot isomorphic-git jest js-xxhash lint-staged livekit-client
livekit-server-sdk mcp-handler monaco-editor @monaco-editor/react ms next-auth next-mdx-remote next-seo next-themes nitro nitropack nodemon nprogress
nuqs payload pinia postal-mime prettier prettier-plugin-svelte prettier-plugin-tailwindcss react-hot-toast react-spinners remark remark-html replicate
rollup sass sitemap siwe solid-js srvx statsig-node storybook streamdown styled-components styled-jsx svelte svelte-check swr tailwindcss-animate
ts-node tslib tsup tsx tsyringe turbo tw-animate-css type-graphql typescript typescript-eslint umi use-debounce use-stick-to-bottom vinxi vite
vite-plugin-solid vite-tsconfig-paths vitest wagmi web-vitals webpack webpack-cli wrangler xmcp zone.js @growthbook/growthbook @openfeature/core @openfeature/server-sdk @polymer/polymer @stencil/core @statsig/react-bindings flagsmith polka strip-ansi
single-spa single-spa-react @fontsource/inter gatsby-link`.split(/\s+/)

/** Packages without types of their own in their newest major, whose types are in `@types/`. */
export const npmTyped: readonly string[] =
  `adm-zip archiver aria-query bcrypt better-sqlite3 big.js body-parser busboy canvas-confetti compression connect
cookie-parser cors cross-spawn crypto-js debug ejs escape-html express express-session formidable fs-extra he hoist-non-react-statics http-errors
jest jquery js-cookie js-yaml jsdom jsonwebtoken katex koa koa-bodyparser koa-router koa-static lodash lodash-es luxon markdown-it micromatch mime-types mocha
morgan ms multer mustache mysql nodemailer nprogress papaparse passport passport-google-oauth20 passport-jwt passport-local pdfkit pdfmake pg pngjs
prismjs prop-types qrcode qs ramda react react-beautiful-dnd react-big-calendar react-color react-dom react-google-recaptcha react-grid-layout
react-helmet react-is react-modal react-slick react-syntax-highlighter react-table react-transition-group react-virtualized sanitize-html semver
shelljs supertest swagger-jsdoc swagger-ui-express tar-stream three tmp turndown underscore which ws xml2js yargs`.split(/\s+/)

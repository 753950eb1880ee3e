/**
 * What has to be written beside a package, since its own manifest asks for it as a peer: `package: needs`; `+` for what only building
 * takes. npm 7 brings peers by itself, but a program that imports them by way of a framework should say so.
 */
export const npmCompanions: ReadonlyMap<string, readonly string[]> = new Map(
  `next: react react-dom
react-dom: react
react-router-dom: react react-dom
@remix-run/react: react react-dom
@react-router/node: react-router
@react-router/dev: react-router
gatsby: react react-dom
expo: react react-native
react-native: react
@docusaurus/core: react react-dom
@docusaurus/preset-classic: @docusaurus/core
@mui/material: @emotion/react @emotion/styled react react-dom
@chakra-ui/react: @emotion/react react
@emotion/styled: @emotion/react
@apollo/client: graphql
@apollo/server: graphql
graphql-request: graphql
graphql-yoga: graphql
type-graphql: graphql reflect-metadata
urql: graphql
@nestjs/core: @nestjs/common @nestjs/platform-express reflect-metadata rxjs
@nestjs/common: @nestjs/core reflect-metadata rxjs
typeorm: reflect-metadata
tsyringe: reflect-metadata
inversify: reflect-metadata
@angular/core: rxjs zone.js tslib
@sveltejs/kit: +svelte +vite
@sveltejs/vite-plugin-svelte: +svelte +vite
@vitejs/plugin-react: +vite
@vitejs/plugin-vue: +vite vue
@hono/node-server: hono
@hono/zod-validator: hono zod
@hookform/resolvers: react-hook-form
@modelcontextprotocol/sdk: zod
@langchain/openai: @langchain/core
@langchain/anthropic: @langchain/core
@langchain/community: @langchain/core
@langchain/google-genai: @langchain/core
@langchain/langgraph: @langchain/core
langchain: @langchain/core
@ai-sdk/react: ai
@prisma/client: +prisma
drizzle-orm: +drizzle-kit
@tailwindcss/postcss: +tailwindcss
@tailwindcss/vite: +tailwindcss +vite
@tailwindcss/typography: +tailwindcss
@tailwindcss/forms: +tailwindcss
tailwindcss-animate: +tailwindcss
autoprefixer: +postcss
nuxt: vue
pinia: vue
vue-router: vue
react-redux: react
@solidjs/start: solid-js
@solidjs/router: solid-js
@wagmi/core: viem
wagmi: viem @tanstack/react-query
slate-react: slate react-dom
@aws-sdk/lib-dynamodb: @aws-sdk/client-dynamodb
socket.io-redis: socket.io`
    .split('\n')
    .map((line) => line.split(': ') as [string, string])
    .map(([name, needs]) => [name, needs.split(' ')]),
)

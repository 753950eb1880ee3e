export { listen, type Listening, type ListenOptions } from './listen.ts'
export { toNodeListener, type FetchHandler, type NodeListener } from './listener.ts'
export { tuneHeap } from './heap.ts'

import { memoryStore } from '@kiln/core'
import { storeSuite } from '../src/store/store.ts'

storeSuite({ name: 'memory', open: async (options) => ({ store: memoryStore(options) }) })

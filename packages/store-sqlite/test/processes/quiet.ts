// Opens a store, and prints nothing.
import { sqliteStore } from '@kiln/store-sqlite'

const [file = ''] = process.argv.slice(2)
const store = await sqliteStore({ file })
await store[Symbol.asyncDispose]()

export { sqliteStore, type SqliteStoreOptions } from './store.ts'
export { directoryBlobs, type DirectoryBlobsOptions } from './blobs.ts'
export { sqliteVersion } from './sqlite.ts'

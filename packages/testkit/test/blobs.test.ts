import { memoryBlobs } from '@kiln/core'
import { blobsSuite } from '../src/blobs/blobs.ts'

blobsSuite({ name: 'memory', open: async (options) => ({ blobs: memoryBlobs(options) }) })

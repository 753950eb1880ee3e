import { nanoid } from 'nanoid'

console.log(`job ${nanoid()}`)

export { send, sendRaw, type WireAnswer, type WireRequest } from '../src/upstream/wire.js'

export { send, sendRaw, type WireAnswer, type WireRequest } from '../src/target/wire.js'

export { keepConnections, type Sender, send, sendRaw, type WireAnswer, type WireRequest } from '../src/upstream/wire.js'

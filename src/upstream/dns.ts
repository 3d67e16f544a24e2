import { execFile } from 'node:child_process'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { TimeoutError } from './error.js'

const PROGRAM = `require('dns').lookup(process.argv[1], { all: true }, (error, addresses) =>
  process.stdout.write(JSON.stringify(error ? { code: error.code, message: error.message } : { addresses })))`

/**
 * Looks names up as the system does, but in a process of its own: a lookup cannot be cancelled, and holds back the end
 * of the process that has begun it, for as long as the name server is silent.
 *
 * @param timeout milliseconds that the lookup of now may take
 */
export function createLookup(timeout: () => number): LookupFunction {
  const known = new Map<string, LookupAddress[]>()
  return (host, { all }, callback) => {
    const answer = (addresses: LookupAddress[]) => {
      const [first] = addresses
      if (all) callback(null, addresses)
      else callback(null, first?.address ?? '', first?.family)
    }
    const found = known.get(host)
    if (found !== undefined) return answer(found)
    const limits = { timeout: Math.max(1, Math.ceil(timeout())), killSignal: 'SIGKILL' as const }
    execFile(process.execPath, ['-e', PROGRAM, host], limits, (failure, stdout) => {
      if (failure?.killed) return callback(new TimeoutError('no name server answers'), [])
      if (failure) return callback(new Error(`no name could be looked up: ${failure.message}`), [])
      const { addresses, code, message } = JSON.parse(stdout)
      if (addresses === undefined) return callback(Object.assign(new Error(message), { code }), [])
      known.set(host, addresses)
      answer(addresses)
    })
  }
}

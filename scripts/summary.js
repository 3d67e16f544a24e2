import { PassThrough } from 'node:stream'
import { Parser } from 'tap-parser'
import { stringify } from 'yaml'

/**
 * What `npm test` prints: a line for each test file, each failure in full where it happens, and a last line that counts.
 * tap's own reporters either print every assertion or draw with control characters, in a log as on a terminal.
 */
export default class Summary extends PassThrough {
  #counts = { passed: 0, failed: 0, skipped: 0 }
  #parser = new Parser()

  constructor() {
    super()
    const parser = this.#parser
    parser.on('pass', () => this.#counts.passed++)
    parser.on('skip', () => this.#counts.skipped++)
    parser.on('todo', () => this.#counts.skipped++)
    parser.on('fail', (result) => {
      this.#counts.failed++
      this.#print(`FAILED ${result.fullname}${detail(result.diag)}`)
    })
    // The results of whole files.
    parser.on('assert', ({ ok, name, time }) =>
      this.#print(`${ok ? 'ok' : 'NOT OK'} ${name}${time === null ? '' : `, ${(time / 1000).toFixed(1)} s`}`),
    )
    parser.on('bailout', (reason) => this.#print(`STOPPED ${reason}`))
    parser.on('complete', ({ failures }) => {
      for (const { tapError } of failures) if (tapError) this.#print(`FAILED ${tapError}`)
    })
  }

  /** @override */
  _transform(chunk, _encoding, done) {
    this.#parser.write(chunk)
    done()
  }

  /** @override */
  _flush(done) {
    this.#parser.end()
    const { passed, failed, skipped } = this.#counts
    this.#print(`\n${skipped > 0 ? `${skipped} skipped, ` : ''}${passed} passed, ${failed} failed`)
    done()
  }

  #print(text) {
    this.push(`${text}\n`)
  }
}

function detail(diag) {
  return diag ? `\n${stringify(diag).trimEnd().replace(/^/gm, '  ')}` : ''
}

import { availableParallelism } from 'node:os'
import t from 'tap'
import { compileTests } from './compile-tests.js'

/** Compiles the tests, and runs each file in a process of its own; with arguments, those whose paths begin with one. */

const OUT = 'compiled'
const SECONDS = 120

const { default: Summary } = await import(new URL('summary.js', import.meta.url).href)
const tests = await compileTests(OUT)
const wanted = process.argv.slice(2)
const chosen = tests.filter(({ source }) => wanted.length === 0 || wanted.some((path) => source.startsWith(path)))
if (chosen.length === 0) throw new Error(`no test begins with ${wanted.join(' or ')}`)

t.register()
// Each file has a limit of its own.
t.setTimeout(0)
t.pipe(new Summary()).pipe(process.stdout)
// One more than there are processors, as tests wait for servers and browsers.
t.jobs = availableParallelism() + 1
const env = { ...process.env, TAP_TIMEOUT: String(SECONDS), COMPILED: OUT }
for (const { source, program } of chosen)
  t.spawn(process.execPath, ['--enable-source-maps', program], {
    name: source,
    ...{ at: null, stack: '', buffered: true, timeout: SECONDS * 1000, env },
  })

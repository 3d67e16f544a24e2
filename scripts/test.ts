import { availableParallelism } from 'node:os'
import t from 'tap'
import { compileTests } from './compile-tests.js'

/** Compiles the tests and runs them, some files to a process; with arguments, those whose paths begin with one. */

const OUT = 'compiled'
const SECONDS = 300
/** Node 20 optimizes what runs a few hundred times, which costs tests an eighth of their time; later ones wait by themselves. */
const LATE = process.version.startsWith('v20.') ? ['--interrupt-budget=600000'] : []

const { default: Summary } = await import(new URL('summary.js', import.meta.url).href)
const wanted = process.argv.slice(2)
const isWanted = (source: string) => wanted.length === 0 || wanted.some((path) => source.startsWith(path))
const programs = await compileTests(OUT, isWanted)
if (programs.length === 0) throw new Error(`no test begins with ${wanted.join(' or ')}`)

t.register()
// Each program has a limit of its own.
t.setTimeout(0)
t.pipe(new Summary()).pipe(process.stdout)
// Two more than there are processors, as tests wait for servers, stores and browsers.
t.jobs = availableParallelism() + 2
const env = { ...process.env, TAP_TIMEOUT: String(SECONDS), COMPILED: OUT }
// Without what tap would put into NODE_OPTIONS: it would count the coverage of each program, and of all that these start.
const node = ['-u', 'NODE_OPTIONS', process.execPath, '--enable-source-maps', ...LATE]
for (const { name, program } of programs)
  t.spawn('env', [...node, program], {
    name,
    ...{ at: null, stack: '', buffered: true, timeout: SECONDS * 1000, env },
  })

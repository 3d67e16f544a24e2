import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { basename, join, relative } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { capture } from '../../src/cli/commands/capture.js'
import { readCommandLine } from '../../src/cli/invocation.js'
import { type Mock, startMock } from '../../src/index.js'
import { send, sendRaw } from '../http.js'
import { PROGRAM, runHere, runToEnd, serve } from '../process.js'

/** What is read from files, and written to them, by whatever name. */

const LIST = '/api/v3/oauth2/refresh_tokens/'
const ROOT = process.getuid?.() === 0
/** Root may write anywhere, unless that right is taken away. */
const NO_ROOT = ROOT ? ['/usr/bin/setpriv', '--bounding-set=-dac_override', '--inh-caps=-dac_override'] : []
const fifo = (path: string) => execFileSync('mkfifo', [path])
const rows = (...pks: number[]) => JSON.stringify({ refresh_tokens: pks.map((pk) => ({ pk })) })

t.test('what a fixture is, if it is not', async (t) => {
  const folder = t.testdir({ 'a.json': rows(1) })
  const text = '{"users": [{"username": "Zoé", "name": "Ærø “€”"}]}'
  const utf16 = Buffer.from(text, 'utf16le')
  const utf32 = Buffer.from(
    [...text].flatMap((one) => [...Buffer.from(new Uint32Array([one.codePointAt(0) ?? 0]).buffer)]),
  )
  const latin1 = Buffer.from('{"users": [\n {"username": "Zoé"}]}', 'latin1')
  const [e] = [Buffer.from('é')]
  const files: [name: string, bytes: Buffer, found: string | undefined][] = [
    ['utf-8 with its mark', Buffer.from(`\ufeff${text}`), undefined],
    [
      'utf-16le with its mark',
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      'what looks like UTF-16, little endian; allowed: JSON in UTF-8',
    ],
    ['utf-16le', utf16, 'what looks like UTF-16, little endian; allowed: JSON in UTF-8'],
    [
      'utf-16be with its mark',
      Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
      'what looks like UTF-16, big endian; allowed: JSON in UTF-8',
    ],
    ['utf-16be', Buffer.from(utf16).swap16(), 'what looks like UTF-16, big endian; allowed: JSON in UTF-8'],
    ['utf-32le', utf32, 'what looks like UTF-32, little endian; allowed: JSON in UTF-8'],
    ['utf-32be', Buffer.from(utf32).swap32(), 'what looks like UTF-32, big endian; allowed: JSON in UTF-8'],
    [
      'latin-1',
      latin1,
      'what looks like Latin-1: the byte E9 in line 2, column 18 is not UTF-8; allowed: JSON in UTF-8',
    ],
    [
      'latin-1, late',
      Buffer.concat([Buffer.from(`["${'x'.repeat(200_000)}`), latin1]),
      'what looks like Latin-1: the byte E9 in line 2, column 18 is not UTF-8; allowed: JSON in UTF-8',
    ],
    [
      'windows-1252',
      Buffer.from('{"users": [{"username": "\x93Zo\xe9\x94"}]}', 'latin1'),
      'what looks like Windows-1252: the byte 93 in line 1, column 26 is not UTF-8; allowed: JSON in UTF-8',
    ],
    [
      'broken utf-8',
      Buffer.concat([Buffer.from('["'), e, e, e, e.subarray(0, 1), Buffer.from('"]')]),
      'what looks like UTF-8 with a broken character: the byte C3 in line 1, column 6 is not UTF-8; allowed: JSON in UTF-8',
    ],
    [
      'cut utf-8',
      Buffer.concat([Buffer.from('["'), e.subarray(0, 1)]),
      'what looks like UTF-8 with a broken character: the byte C3 in line 1, column 3 is not UTF-8; allowed: JSON in UTF-8',
    ],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'what looks like gzip; allowed: JSON in UTF-8'],
    [
      'nothing',
      Buffer.alloc(0),
      'a JSON mistake in line 1, column 1: Unexpected end of JSON input; there is nothing in it; allowed: JSON',
    ],
  ]
  for (const [name, bytes] of files) writeFileSync(join(folder, `${name}.json`), bytes)
  fifo(join(folder, 'fifo.json'))
  mkdirSync(join(folder, 'folder.json'))
  symlinkSync('/dev/zero', join(folder, 'device.json'))
  symlinkSync('nowhere', join(folder, 'broken.json'))
  symlinkSync('circle.json', join(folder, 'circle.json'))
  const socket = createServer().listen(shortPath(join(folder, 'socket.json')))
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  writeFileSync(join(folder, 'line\n\x1b[2J\x9b.json'), '{')
  const hidden = ['._a.json', '.#a.json', '..data.json', '.json']
  for (const name of hidden) writeFileSync(join(folder, name), 'no JSON')

  const found: Record<string, string | undefined> = {
    ...Object.fromEntries(files.map(([name, , found]) => [`${name}.json`, found])),
    'a.json': undefined,
    'fifo.json': 'a FIFO; allowed: a JSON file',
    'folder.json': 'a folder; allowed: a JSON file',
    'device.json': 'a device; allowed: a JSON file',
    'socket.json': 'a socket; allowed: a JSON file',
    'broken.json': 'nothing there; allowed: a JSON file',
    'circle.json': 'a symbolic link that leads to itself; allowed: a JSON file',
    'line\\x0a\\x1b[2J\\x9b.json': "a JSON mistake in line 1, column 2: Expected property name or '}'; allowed: JSON",
  }
  const lines = Object.entries(found).flatMap(([name, what]) =>
    what === undefined ? [] : `${join(folder, name)}: found ${what}`,
  )
  const { code, stdout, stderr } = await runHere(['validate', folder])
  t.strictSame([code, stdout], [2, ''])
  t.strictSame(
    stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ at position .*?;/, ';').replace(/ \(line .*?\)/, ''))
      .sort(),
    lines.sort(),
    'in a folder: a line for each, and none for what is hidden',
  )
  const given = await runHere(['validate', ...['fifo', 'device', 'socket'].map((name) => join(folder, `${name}.json`))])
  t.match(
    given,
    { code: 2, stderr: /^.*: found a FIFO; .*\n.*: found a device; .*\n.*: found a socket; .*\n$/ },
    'given',
  )
  await t.rejects(startMock({ fixtures: join(folder, 'fifo.json') }), { message: /found a FIFO; allowed/ }, 'library')
  const only = t.testdir({ hidden: { '._a.json': '' }, '.given.json': rows(1) })
  t.match(await runHere(['validate', join(only, 'hidden')]), {
    code: 2,
    stderr: /: found a folder without \*\.json, \*\.yaml or \*\.yml; /,
  })
  t.match(await runHere(['validate', join(only, '.given.json')]), { code: 0 }, 'a hidden file may be given by name')
})

t.test('a folder of 3,000 files, with few of them open at a time', async (t) => {
  const folder = t.testdir({})
  for (let pk = 1; pk <= 3000; pk++) writeFileSync(join(folder, `${pk}.json`), rows(pk))
  const limited = ['-c', 'ulimit -n 64 && exec "$0" "$@"', process.execPath, PROGRAM, 'validate', folder]
  t.match(execFileSync('sh', limited, { encoding: 'utf8' }), /^fine: 3000 refresh tokens, /)
})

/** Captures from a mock into a file. */
async function captureTo(mock: Mock, out: string, tell = (_: string) => {}): Promise<void> {
  const line = ['capture', '--target', mock.url, '--token', mock.token, '--rate', '10000', '--limit', '1', '--out', out]
  const asked = readCommandLine(line, {})
  if (asked.command !== 'capture') throw new Error('no capture')
  await capture(asked.options, { tell, progress: () => {} })
}

const CAPTURED = /^\[\n\{"pk":1,.*\}\n\]\n$/

t.test('what is written replaces a file, and nothing else', async (t) => {
  await using mock = await startMock()
  const folder = t.testdir({
    'there.json': 'before',
    'target.json': 'before',
    link: t.fixture('symlink', 'target.json'),
    chain: t.fixture('symlink', 'link'),
    dangling: t.fixture('symlink', 'sub/new.json'),
    null: t.fixture('symlink', '/dev/null'),
    circle: t.fixture('symlink', 'circle'),
    sub: { gone: {} },
    elsewhere: { 'real.json': 'before' },
    'linked-folder': t.fixture('symlink', 'elsewhere'),
    up: t.fixture('symlink', 'linked-folder/../target.json'),
  })
  const at = (name: string) => join(folder, name)
  const written: [name: string, given: string, file: string, mode: number][] = [
    ['a new file', 'new.json', 'new.json', 0o600],
    ['a file that is there', 'there.json', 'there.json', 0o640],
    ['the target of a link', 'link', 'target.json', 0o664],
    ['of a link to a link', 'chain', 'target.json', 0o604],
    ['of a link to nothing yet', 'dangling', 'sub/new.json', 0o600],
    ['a file in a folder behind a link', 'linked-folder/real.json', 'elsewhere/real.json', 0o444],
    ['a link out of a folder behind a link', 'up', 'target.json', 0o604],
  ]
  for (const [name, given, file, mode] of written) {
    const isNew = given === 'new.json' || given === 'dangling'
    if (!isNew) {
      writeFileSync(at(file), 'before')
      if (mode !== 0o444) chmodSync(at(file), mode)
    }
    const before = isNew ? undefined : statSync(at(file))
    await captureTo(mock, at(given))
    t.match(readFileSync(at(file), 'utf8'), CAPTURED, name)
    const after = statSync(at(file))
    if (mode !== 0o444) t.equal(after.mode & 0o777, mode, `${name}: its mode`)
    t.not(after.ino, before?.ino, `${name}: replaced at once`)
  }
  t.equal(readlinkSync(at('link')), 'target.json', 'a link stays a link')
  t.ok(lstatSync(at('dangling')).isSymbolicLink())

  for (const device of ['/dev/null', at('null')]) {
    await captureTo(mock, device)
    t.ok(statSync('/dev/null').isCharacterDevice(), `${basename(device)} stays what it is`)
  }
  fifo(at('fifo'))
  const reader = spawn('cat', [at('fifo')])
  const [text] = await Promise.all([textOf(reader), captureTo(mock, at('fifo'))])
  t.match(text, CAPTURED, 'a FIFO is written into')
  t.ok(lstatSync(at('fifo')).isFIFO())

  const socket = createServer().listen(shortPath(at('socket')))
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const refused: [string, string, RegExp][] = [
    ['/dev/full', 'OutputError', /^--out: \/dev\/full could not be written: no space is left there$/],
    ['/dev/fd/99', 'UsageError', /: no such file is open; allowed: a file that can be written$/],
    [at('circle'), 'UsageError', /: it is a symbolic link that leads to itself; allowed/],
    [at('socket'), 'UsageError', /: it is a socket; allowed/],
    [at('sub'), 'UsageError', /: it is a folder; allowed/],
    [`${at('none')}/`, 'UsageError', /: it is a folder; allowed/],
    [at('none/x.json'), 'UsageError', /: there is no such folder; allowed/],
    [at('there.json/x.json'), 'UsageError', /: there is no such folder; allowed/],
  ]
  for (const [out, name, message] of refused) await t.rejects(captureTo(mock, out), { name, message }, out)
  const gone = captureTo(mock, at('sub/gone/x.json'), () => rmSync(at('sub/gone'), { recursive: true, force: true }))
  await t.rejects(gone, { name: 'OutputError', message: /x\.json could not be written: there is no such folder$/ })
  const left = readdirSync(folder, { recursive: true }).filter((name) => String(name).includes('.part'))
  t.strictSame(left, [], 'nothing is left behind')
})

/** A socket's path as seen from here: a system refuses one of more than 107 bytes, and a checkout may lie deep. */
function shortPath(path: string): string {
  return relative(process.cwd(), path)
}

async function textOf({ stdout }: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of stdout ?? []) text += part
  return text
}

t.test('a file that may be written, in a folder that may not', async (t) => {
  const folder = t.testdir({ 'there.json': 'before' })
  const file = join(folder, 'there.json')
  chmodSync(file, 0o666)
  const { ino } = statSync(file)
  await using mock = await startMock()
  chmodSync(folder, 0o555)
  const args = ['capture', '--target', mock.url, '--token', mock.token, '--rate', '10000', '--limit', '1', '--out']
  const run = async (out: string) => {
    const [command = '', ...rest] = [...NO_ROOT, process.execPath, PROGRAM, ...args, out]
    const child = spawn(command, rest, { env: {} })
    let stderr = ''
    child.stderr.on('data', (part) => {
      stderr += part
    })
    const [code] = await once(child, 'close')
    return { code, stderr }
  }
  t.match(await run(file), { code: 0 })
  t.match(readFileSync(file, 'utf8'), CAPTURED)
  t.equal(statSync(file).ino, ino, 'it is the same file')
  t.match(await run(join(folder, 'new.json')), { code: 2, stderr: /: it may not be written; allowed: a file/ })
  t.strictSame(readdirSync(folder), ['there.json'])
  chmodSync(folder, 0o755)
})

t.test('/dev/stdout and its like are what is open', async (t) => {
  await using mock = await startMock()
  const folder = t.testdir({ 'log.txt': 'as it was\n', link: t.fixture('symlink', '/dev/stdout') })
  const args = [PROGRAM, 'capture', '--target', mock.url, '--token', mock.token, '--rate', '10000', '--limit', '1']
  const run = (out: string, stdio: ('ignore' | 'pipe' | number)[]) =>
    spawn(process.execPath, [...args, '--out', out], { stdio: ['ignore', ...stdio] })
  const names = ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', join(folder, 'link')]
  await Promise.all(names.map(async (out) => t.match(await textOf(run(out, ['pipe', 'ignore'])), CAPTURED, out)))
  const third = run('/dev/fd/3', ['ignore', 'ignore', 'pipe'])
  t.match(await textOf({ stdout: third.stdio[3] } as ChildProcess), CAPTURED, '/dev/fd/3')
  const log = openSync(join(folder, 'log.txt'), 'a')
  for (const [out, stdio] of [
    ['/dev/stdout', [log, 'ignore']],
    ['/dev/fd/3', ['ignore', 'ignore', log]],
  ] as const) {
    writeFileSync(join(folder, 'log.txt'), 'as it was\n')
    await once(run(out, [...stdio]), 'close')
    t.match(
      readFileSync(join(folder, 'log.txt'), 'utf8'),
      /^as it was\n\[\n\{"pk":1,/,
      `${out}: a file is gone on with`,
    )
  }
  const stderr = run('/dev/stderr', ['ignore', 'pipe'])
  t.match(
    await textOf({ stdout: stderr.stderr } as ChildProcess),
    /\n\[\n\{"pk":1,.*\}\n\]\nwritten to \/dev\/stderr\n$/,
  )
})

t.test('a report is written into a device, as JSON if its name says nothing', async (t) => {
  const folder = t.testdir({ 'link.md': t.fixture('symlink', '/dev/stdout'), full: t.fixture('symlink', '/dev/full') })
  fifo(join(folder, 'fifo.xml'))
  const reports: [string, string, RegExp][] = [
    ['/dev/stdout', 'stdout', /\n\{\n {2}"requests": 0,/],
    ['/dev/stderr', 'stderr', /^\{\n {2}"requests": 0,/],
    [join(folder, 'link.md'), 'stdout', /\n# What the client did\n/],
  ]
  for (const [file, stream, text] of reports) {
    await using server = await serve(['--report', file, '--log-level', 'silent'])
    server.process.kill('SIGTERM')
    t.match(await server.ended, { code: 0, [stream]: text }, file)
  }
  {
    await using server = await serve(['--report', join(folder, 'fifo.xml')])
    const reader = spawn('cat', [join(folder, 'fifo.xml')])
    server.process.kill('SIGTERM')
    t.match(await textOf(reader), /^<\?xml/, 'a FIFO')
    t.match(await server.ended, { code: 0, stderr: '' })
  }
  {
    await using server = await serve(['--report', join(folder, 'full')])
    server.process.kill('SIGTERM')
    const stderr = `authentik-mock: --report: ${join(folder, 'full')} could not be written: no space is left there\n`
    t.match(await server.ended, { code: 1, stderr }, 'a full device')
  }
})

t.test('what is watched is seen, whatever happens to it', async (t) => {
  const volume = (pk: number) => ({ 'rows.json': rows(pk) })
  const folder = t.testdir({
    folder: { 'a.json': rows(1) },
    'file.json': rows(101),
    'linked.json': t.fixture('symlink', 'target.json'),
    'target.json': rows(201),
    // As Kubernetes mounts a ConfigMap.
    volume: {
      '..1': volume(301),
      '..data': t.fixture('symlink', '..1'),
      'rows.json': t.fixture('symlink', '..data/rows.json'),
    },
  })
  const at = (...names: string[]) => join(folder, ...names)
  const paths = [at('folder'), at('file.json'), at('linked.json'), at('volume')]
  await using server = await serve(['--watch', ...paths.flatMap((path) => ['--fixtures', path])])
  const status = async (pk: number) =>
    (await send(server.url, { path: `${LIST}${pk}/`, headers: { Authorization: 'Bearer authentik-mock-token' } }))
      .status
  const isServed = async (pk: number, instead: number, what: string) => {
    while ((await status(pk)) !== 200) await wait(10)
    t.equal(await status(instead), 404, what)
  }
  /** The log says something again. */
  const says = async (pattern: RegExp) => {
    const seen = server.printed.stdout.length
    return () => server.prints(new RegExp(`^[^]{${seen},}${pattern.source}`))
  }

  writeFileSync(at('folder', 'a.json'), rows(2))
  await isServed(2, 1, 'a file in a folder that was changed')
  renameSync(at('folder', 'a.json'), at('folder', 'b.json'))
  writeFileSync(at('folder', 'b.json'), rows(3))
  await isServed(3, 2, 'another file in it')

  const named = await says(/c\.json: found a FIFO; allowed: a JSON file.*\n.*the last good world is still served/)
  fifo(at('folder', 'c.json'))
  await named()
  t.equal(await status(3), 200, 'a FIFO is named, and what was there is served')
  rmSync(at('folder', 'c.json'))
  writeFileSync(at('folder', 'b.json'), rows(4))
  await isServed(4, 3, 'without the FIFO')

  const gone = await says(/folder: found nothing there; allowed: a JSON or YAML file, or a folder of them/)
  rmSync(at('folder'), { recursive: true })
  await gone()
  mkdirSync(at('folder'))
  writeFileSync(at('folder', 'a.json'), rows(5))
  await isServed(5, 4, 'a folder that was made anew')
  writeFileSync(at('folder', 'a.json'), rows(6))
  await isServed(6, 5, 'and is watched again')
  mkdirSync(at('other'))
  writeFileSync(at('other', 'a.json'), rows(7))
  renameSync(at('folder'), at('old'))
  renameSync(at('other'), at('folder'))
  await isServed(7, 6, 'another folder in its place')

  writeFileSync(at('new.json'), rows(102))
  renameSync(at('new.json'), at('file.json'))
  await isServed(102, 101, 'a file that was replaced')
  const missing = await says(/file\.json: found nothing there/)
  rmSync(at('file.json'))
  await missing()
  writeFileSync(at('file.json'), rows(103))
  await isServed(103, 102, 'a file that was deleted and made anew')

  writeFileSync(at('target.json'), rows(202))
  await isServed(202, 201, 'the target of a link')
  writeFileSync(at('target-2.json'), rows(203))
  symlinkSync('target-2.json', at('new-link'))
  renameSync(at('new-link'), at('linked.json'))
  await isServed(203, 202, 'another target')

  mkdirSync(at('volume', '..2'))
  writeFileSync(at('volume', '..2', 'rows.json'), rows(302))
  symlinkSync('..2', at('volume', '..data_tmp'))
  renameSync(at('volume', '..data_tmp'), at('volume', '..data'))
  rmSync(at('volume', '..1'), { recursive: true })
  await isServed(302, 301, 'a volume of Kubernetes')
})

t.test('the log for people shows what a path says, and does not obey it', async (t) => {
  const folder = t.testdir({})
  writeFileSync(
    join(folder, 'a\x1b[2J.json'),
    '{"users": [{"pk": 5}], "refresh_tokens": [{}], "tokens": {"x\\u009b\\u001b[2J": {"key": "k", "user": 5}}}',
  )
  for (const format of ['pretty', 'json']) {
    await using server = await serve(['--log-format', format, '--fixtures', folder])
    await sendRaw(server.url, `GET ${LIST}\x9b2J\x85\x9d/?a=\x9b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    await send(server.url, { path: '/api/v3/%1b[2J%c2%9b%e2%80%ae/' })
    await sendRaw(server.url, `GET ${LIST} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k\r\nConnection: close\r\n\r\n`)
    await server.prints(/ as x.*2J/)
    if (format === 'pretty') {
      t.match(server.printed.stdout, `GET ${LIST}%9b2J%85%9d/?a=%9b 404 in`)
      t.match(server.printed.stdout, ` WARN: /api/v3/\\x1b[2J\\x9b\\u202e/ is not served by this mock`)
      t.match(server.printed.stdout, / as x\\x9b\\x1b\[2J\n/)
      t.notMatch(server.printed.stdout, /(?!\n)\p{Cc}/u)
    } else t.match(JSON.parse(server.printed.stdout.trim().split('\n').at(-1) ?? ''), { as: 'x\x9b\x1b[2J' })
  }
})

t.test('what somebody typed is shown, and not obeyed', async (t) => {
  const odd = 'x\x1b[2J\x9b\x7f\u202e\nauthentik-mock: fine'
  const shown = 'x\\x1b[2J\\x9b\\x7f\\u202e\\x0aauthentik-mock: fine'
  const runs: [string[], Record<string, string>][] = [
    [[odd], {}],
    [[`--${odd}`], {}],
    [['serve', odd], {}],
    [['--fixtures', odd, '--port', '0'], {}],
    [['validate', odd], {}],
    [['capture', '--target', 'http://127.0.0.1:1', '--token', 'k', '--out', `/nowhere/${odd}`], {}],
    [['healthcheck', '--port', '1', '--host', 'x\x9b'], {}],
    [['--port', '0', '--report', `/nowhere/${odd}`], {}],
    [[], { AUTHENTIK_MOCK_PORT: odd }],
  ]
  for (const [args, environment] of runs) {
    const { code, stdout, stderr } = await runHere(args, environment)
    t.ok(code === 1 || code === 2, JSON.stringify(args))
    t.ok(
      args[0] === 'healthcheck' || stderr.includes(shown) || stderr.includes('x\\u001b[2J\\x9b\\x7f\\u202e\\n'),
      stderr,
    )
    t.match(stdout + stderr, /^[^\n]+\n$/, 'one line')
    t.notMatch(stderr, /(?!\n)[\p{Cc}\u202e]/u)
  }
  const { stderr } = await runToEnd(['--port', '0', '--fixtures', '/nowhere/x.json'], {
    [`AUTHENTIK_MOCK_${odd}`]: '1',
  })
  t.ok(stderr.includes(shown), 'the name of a variable, too')
  t.notMatch(stderr, /(?!\n)[\p{Cc}\u202e]/u)
})

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { type Analysis, checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import t from 'tap'
import { parse } from 'yaml'
import { bundle } from '../scripts/bundle.js'
import { licenceOf, licencesText } from '../scripts/licences.js'
import { PAGES } from '../scripts/readme.js'
import type { Mock } from '../src/index.js'
import { loadPeople } from '../src/world/generate/people.js'
import { run } from './process.js'
import { programsOf } from './snippets.js'
import { compile, javaScriptOf } from './typescript.js'

const ROOT = join(import.meta.dirname, '..')
const MAX_PACKED = 1_000_000
/** Licences that ask for no more than to be told. */
const SPDX = /^(?:MIT|ISC|BSD-[23]-Clause|BlueOak-1\.0\.0|Apache-2\.0|0BSD)$/
const GRANT =
  /permission .*is hereby granted|permission to use, copy|redistribution and use|licenses you to do everything|hereby grants to you|licensed under the apache license, version 2.0/i

const USE = `import { startMock, type MockOptions, type RefreshTokenBody, UsageError } from 'authentik-mock'
const options: MockOptions = { fixtures: { refresh_tokens: [{ pk: 5, expires: 'days=1' }] } }
await using mock = await startMock(options)
await using other = await startMock({ generate: 3 })
const answer = await fetch(\`\${mock.url}/api/v3/oauth2/refresh_tokens/5/\`, { headers: { authorization: \`Bearer \${mock.token}\` } })
const body = (await answer.json()) as RefreshTokenBody
console.log(body.pk, body.user.is_active, mock.url !== other.url, UsageError.name)
`

/** Every name of the library, as a value where it is one and as a type where it is none: neither may be promised in vain. */
const everyName = (values: string[]) => `import * as library from 'authentik-mock'
import type { Fault, MockOptions, Mock, Seeds } from 'authentik-mock'
export const values: Record<keyof typeof library, true> = { ${values.map((name) => `${name}: true`).join(', ')} }
export const seeds: Seeds = { refresh_tokens: [{ user: 'jane', expires: 'days=30' }] }
export const options: MockOptions = { fixtures: seeds }
export async function use(fault: Fault): Promise<number> {
  await using mock: Mock = await library.startMock(options)
  return fault.id.length + mock.url.length
}
`

/** Files that a reader copies from the pages. */
const SNIPPETS = PAGES.flatMap((page) =>
  programsOf(page).map((program, i): [string, string] => [`${page.replaceAll(/\W/g, '-')}-${i}.ts`, program]),
)
/** What they import beside the library. */
const USED_BESIDE = ['@jest/globals', 'tap', 'testcontainers', 'vitest']
const OURS = ['names.ts', 'types.ts']
const THEIRS = SNIPPETS.map(([file]) => file)

/** How people compile what uses the library: with and without the DOM, however modules are found. */
const CONSUMERS = {
  'nodenext, with the types of Node': { module: 'nodenext', types: ['node'], files: [...OURS, 'use.ts', ...THEIRS] },
  'bundler, with the DOM too': {
    module: 'esnext',
    moduleResolution: 'bundler',
    types: ['node'],
    lib: ['es2022', 'dom'],
    files: [...OURS, ...THEIRS],
  },
  'node16, with the types of Node': { module: 'node16', types: ['node'], files: THEIRS },
  'node16, with nothing': { module: 'node16', files: OURS },
}

/** What is bundled, told once for all that look into it. */
const bundled = bundle({ write: false })

t.test('the package works where it is installed', async (t) => {
  const folder = t.testdir({ 'package.json': '{"type": "module"}', node_modules: { 'authentik-mock': {} } })
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString(),
  )
  const installed = join(folder, 'node_modules', 'authentik-mock')
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', installed, '--strip-components=1'])

  t.test('it is small, and holds what it needs', async (t) => {
    t.ok(statSync(join(folder, packed.filename)).size < MAX_PACKED, `${packed.size} bytes packed`)
    const files: string[] = packed.files.map(({ path }: { path: string }) => path)
    for (const file of [
      'dist/main.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/testcontainers/container.js',
      'dist/testcontainers/container.d.ts',
      'dist/THIRD-PARTY-LICENSES.txt',
      'fixtures/company.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
    ])
      t.ok(files.includes(file), file)
    t.strictSame(
      files.filter((file) => /^(?:src|test|bench|node_modules)\//.test(file)),
      [],
    )
    const { dependencies, engines } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    t.strictSame([Object.keys(dependencies), engines.node], [['typebox'], '>=20.19'])
  })

  t.test('those who know the form of packages find no mistake in it', async (t) => {
    t.strictSame((await publint({ pkgDir: installed, pack: false, strict: true })).messages, [])
    const { problems } = (await checkPackage(
      createPackageFromTarballData(readFileSync(join(folder, packed.filename))),
    )) as Analysis
    const found = problems.map(
      (problem) => `${problem.kind} ${'resolutionKind' in problem ? problem.resolutionKind : ''}`,
    )
    // An ES module is one: `require` of it needs Node 22, and TypeScript from before 4.7 knows no `exports`.
    t.strictSame([...new Set(found)].sort(), ['CJSResolvesToESM node16-cjs', 'NoResolution node10'])
  })

  t.test('the program starts', async (t) => {
    await using server = run(['--port', '0'], {}, join(installed, 'dist', 'main.js'))
    const [, url] = await server.prints(/ready on (\S+)/)
    t.equal((await fetch(`${url}/-/health/ready/`)).status, 200)
  })

  t.test('the library starts, and its types hold wherever it is used, as those of the snippets do', async (t) => {
    for (const name of ['typebox', '@types/node', 'undici-types', ...USED_BESIDE]) link(folder, name)
    for (const [file, program] of [['use.ts', USE], ['use.js', javaScriptOf(USE)], ...SNIPPETS] as const)
      writeFileSync(join(folder, file), program)
    // As a source, so that it is checked, and typebox is not: without skipLibCheck that alone takes a quarter of a minute.
    copyFileSync(join(installed, 'dist', 'index.d.ts'), join(folder, 'types.ts'))
    writeFileSync(join(folder, 'names.ts'), everyName(Object.keys(await import(join(installed, 'dist', 'index.js')))))
    for (const [name, { files, ...options }] of Object.entries(CONSUMERS))
      t.strictSame(compile(folder, files, options), [], name)
    const { code, stdout, stderr } = await run([], {}, join(folder, 'use.js')).ended
    t.match({ code, stdout, stderr }, { code: 0, stdout: '5 true true UsageError\n', stderr: '' })
  })
})

t.test('a start reads nothing that only others need', async (t) => {
  const chunks = (await bundled).filter(({ name }) => ['main', 'command-line', 'server'].includes(name))
  const read = chunks.flatMap(({ modules }) => Object.entries(modules))
  t.ok(read.length > 300)
  const rare = /\/typebox\/build\/type\/engine\/|\/(?:@faker-js|semver|thread-stream|yaml)\//
  const isLong = (length: number) => length > 500
  t.strictSame(
    read
      .filter(([module, { renderedLength }]) => rare.test(module) && isLong(renderedLength))
      .map(([module]) => module),
    [],
  )
  const wrappers = chunks.flatMap(({ code }) => code.match(/\(function\((?:\w+(?:,\w+)*)?\)\{/g) ?? [])
  t.ok(wrappers.length > 100, 'modules of CommonJS are compiled once')
})

t.test(
  'of the names of faker, those that are used are bundled, and they make the rows that all of them make',
  async (t) => {
    const modules = (await bundled).flatMap(({ modules }) => Object.entries(modules))
    const [[, english] = ['', { renderedLength: 0 }], ...others] = modules.filter(([id]) =>
      /\/faker\/dist\/en-/.test(id),
    )
    t.strictSame(others, [])
    t.ok(english.renderedLength > 30_000 && english.renderedLength < 100_000)

    const { startMock } = await import(join(ROOT, 'dist', 'index.js'))
    await using mock: Mock = await startMock({ generate: 200, seed: 5 })
    const answer = await fetch(`${mock.url}/api/v3/core/users/?page_size=500&ordering=pk`, {
      headers: { authorization: `Bearer ${mock.token}` },
    })
    const { results } = (await answer.json()) as {
      results: { pk: number; name: string; username: string; email: string }[]
    }
    const madeUp = results.filter(({ username, email }) => username !== 'akadmin' && email !== '')
    t.ok(madeUp.length > 20)
    const people = await loadPeople(5)
    for (const { pk, name, username, email } of madeUp) t.strictSame({ username, name, email }, people.user(pk))
  },
)

t.test('every licence of what is bundled is told', async (t) => {
  const told = readFileSync(join(ROOT, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8')
  const entries = new Map(
    told.split(/\n\n-{80}\n\n/).map((entry): [string, string] => {
      const end = entry.indexOf('\n\n')
      return [entry.slice(0, end), entry.slice(end)]
    }),
  )

  t.test('each package in it has a name, a version, a licence and a text', async (t) => {
    const chunks = await bundled
    const folders = chunks
      .flatMap(({ moduleIds }) => moduleIds)
      .flatMap((module) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? [])
    t.ok(folders.length > 500, 'packages are bundled')
    for (const folder of new Set(folders)) {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      t.match(license, SPDX, `${name}: ${license}`)
      t.match(entries.get(`${name} ${version} (${license})`), GRANT, name)
    }
  })

  t.test('each entry has a text: of packages, helpers of the bundler, and sentences of frameworks', async (t) => {
    for (const [title, entry] of entries) t.match(entry, GRANT, title)
    const titles = [...entries.keys()].join('\n')
    for (const part of [
      /^rolldown \d/m,
      /^@oxc-project\/runtime \d/m,
      /^Sentences of Django and/m,
      /of Django REST framework/,
    ])
      t.match(titles, part)
  })

  const named = { name: 'x', version: '1.0.0' }
  for (const [given, text, expected] of [
    [{ ...named, license: 'MIT' }, 'Do what you want.', /^x 1\.0\.0 \(MIT\)\n\nDo what you want\.$/],
    [
      { ...named, license: 'MIT', author: 'A. Author' },
      undefined,
      /\nCopyright \(c\) A\. Author\n\nPermission is hereby/,
    ],
    [{ ...named, license: 'MIT', author: { name: 'B' } }, undefined, /\nCopyright \(c\) B\n\nPermission is hereby/],
  ] as const)
    t.match(licenceOf(given, text), expected)
  for (const [given, text] of [
    [{ ...named }, 'A text.'],
    [{ name: 'x', license: 'MIT' }, 'A text.'],
    [{ ...named, license: 'ISC', author: 'A. Author' }, undefined],
    [{ ...named, license: 'MIT' }, undefined],
  ] as const)
    t.throws(
      () => licenceOf(given, text),
      /without name, version or licence|has no licence file/,
      JSON.stringify(given),
    )
  t.throws(() => licencesText(['\0somewhere/else.js']), { message: /unknown origin/ })
})

t.test('what others make is named by what it holds, and kept current', async (t) => {
  const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
  const images = [...read('Dockerfile').matchAll(/^FROM (?:--\S+ )?(\S+)/gm)].map(([, image = '']) => image)
  t.equal(images.length, 2)
  for (const image of images) t.match(image, /^[\w/.-]+:[\w.-]+@sha256:[0-9a-f]{64}$/, image)
  t.equal(new Set(images).size, 1, 'one image for both stages')
  const actions = readdirSync(join(ROOT, '.github', 'workflows')).flatMap((file) =>
    [...read(join('.github', 'workflows', file)).matchAll(/uses: *(.+)/g)].map(([, action = '']) => action),
  )
  t.ok(actions.length > 0)
  for (const action of actions) t.match(action, /^[\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, action)

  const { updates } = parse(read('.github/dependabot.yml'))
  const watched = updates.flatMap(
    (update: { 'package-ecosystem': string; directory?: string; directories?: string[] }) =>
      (update.directories ?? [update.directory]).map((folder) => `${update['package-ecosystem']} ${folder}`),
  )
  t.strictSame(watched, [
    'npm /',
    'npm /bench',
    'npm /clients/oauth2/openid-client',
    'npm /clients/oauth2/oauth4webapi',
    'npm /clients/oauth2/oidc-client-ts',
    'docker /',
    'github-actions /',
    'cargo /clients/rust',
    'gomod /clients/oauth2/go',
    'pip /schemathesis',
    'pip /clients/oauth2/authlib',
  ])
})

t.test('every package that npm ci installs runs on the oldest Node that is supported', async (t) => {
  const { satisfies } = createRequire(import.meta.url)('semver')
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const { engines } = packages['']
  const oldest = `${engines.node.replace('>=', '')}.0`
  // npm leaves out optional ones that do not fit, without a word.
  const wanting = Object.entries<{ engines?: { node?: string }; optional?: boolean }>(packages)
    .filter(([, { optional }]) => optional !== true)
    .filter(([, { engines }]) => engines?.node !== undefined && !satisfies(oldest, engines.node))
    .map(([folder, { engines }]) => `${folder}: ${engines?.node}`)
  t.strictSame(wanting, [], oldest)
})

t.test('the summary of the tests shows failures in full, and counts on its last line', async (t) => {
  const { default: Summary } = await import(pathToFileURL(join(ROOT, 'scripts', 'summary.js')).href)
  const summarize = (...lines: string[]) => {
    const summary = new Summary()
    summary.end(`TAP version 14\n${lines.join('\n')}\n`)
    return text(summary)
  }
  const passed = [
    '# Subtest: a.test.ts',
    '    ok 1 - one',
    '    ok 2 - two',
    '    1..2',
    'ok 1 - a.test.ts # time=1234ms',
  ]
  const failed = [
    '# Subtest: b.test.ts',
    '    not ok 1 - one',
    '      ---',
    '      diff: |',
    '        -1',
    '        +2',
    '      ...',
  ]
  const rest = ['    ok 2 - two # SKIP', '    1..2', 'not ok 2 - b.test.ts # time=500ms']
  t.equal(await summarize(...passed, '1..1'), 'ok a.test.ts, 1.2 s\n\n2 passed, 0 failed\n')
  t.equal(
    await summarize(...passed, ...failed, ...rest, '1..2'),
    'ok a.test.ts, 1.2 s\nFAILED b.test.ts > one\n  diff: |\n    -1\n    +2\nNOT OK b.test.ts, 0.5 s\n\n1 skipped, 2 passed, 1 failed\n',
  )
  t.match(
    await summarize(...passed, 'not ok 2 - c.test.ts', '  ---', '  exitCode: 1', '  ...', '1..2'),
    /^FAILED c\.test\.ts\n {2}exitCode: 1$/m,
  )
  t.match(await summarize(...passed, '1..3'), /^FAILED incorrect number of tests$/m)
  t.match(await summarize(...passed, 'Bail out! no more'), /^STOPPED no more$/m)
})

function link(folder: string, name: string): void {
  const target = join(folder, 'node_modules', name)
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules', name), target)
}

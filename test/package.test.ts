import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from './process.js'

const ROOT = join(import.meta.dirname, '..')
const MAX_PACKED = 1_000_000

const USE = `import { startMock, type MockOptions, type RefreshTokenBody, UsageError } from 'authentik-mock'
const options: MockOptions = { fixtures: { refresh_tokens: [{ pk: 5, expires: 'days=1' }] } }
await using mock = await startMock(options)
await using other = await startMock({ generate: 3 })
const answer = await fetch(\`\${mock.url}/api/v3/oauth2/refresh_tokens/5/\`, { headers: { authorization: \`Bearer \${mock.token}\` } })
const body = (await answer.json()) as RefreshTokenBody
console.log(body.pk, body.user.is_active, mock.url !== other.url, UsageError.name)
`

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
      'dist/types/src/index.d.ts',
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

  t.test('the program starts', async (t) => {
    await using server = run(['--port', '0'], {}, join(installed, 'dist', 'main.js'))
    const [, url] = await server.prints(/ready on (\S+)/)
    t.equal((await fetch(`${url}/-/health/ready/`)).status, 200)
  })

  t.test('the library starts, and its types hold', async (t) => {
    writeFileSync(join(folder, 'use.ts'), USE)
    symlinkSync(join(ROOT, 'node_modules', 'typebox'), join(folder, 'node_modules', 'typebox'))
    mkdirSync(join(folder, 'node_modules', '@types'))
    symlinkSync(join(ROOT, 'node_modules', '@types', 'node'), join(folder, 'node_modules', '@types', 'node'))
    symlinkSync(join(ROOT, 'node_modules', 'undici-types'), join(folder, 'node_modules', 'undici-types'))
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const compilerOptions = {
      strict: true,
      skipLibCheck: true,
      target: 'es2022',
      lib: ['esnext'],
      module: 'nodenext',
      types: ['node'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }))
    execFileSync(process.execPath, [compiler, '-p', folder], { stdio: 'inherit' })
    const { code, stdout, stderr } = await run([], {}, join(folder, 'use.js')).ended
    t.match({ code, stdout, stderr }, { code: 0, stdout: '5 true true UsageError\n', stderr: '' })
  })
})

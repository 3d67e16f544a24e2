import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { notesOf, withRelease } from '../../scripts/changelog.js'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const CHANGELOG = '# Changelog\n\n## Unreleased\n\n- new\n\n## 1.0.0 - 2026-01-01\n\n- old\n'

t.test('what is unreleased becomes a version, and its notes', async (t) => {
  const released = withRelease(CHANGELOG, '1.1.0', '2026-02-01')
  t.equal(released, CHANGELOG.replace('- new', '## 1.1.0 - 2026-02-01\n\n- new'))
  t.equal(notesOf(released, '1.1.0'), '- new\n')
  t.equal(notesOf(released, '1.0.0'), '- old\n')
  t.throws(() => notesOf(released, '1.1'), { message: 'CHANGELOG.md says nothing of 1.1' })
  t.throws(() => withRelease(released, '1.2.0', '2026-03-01'), { message: 'CHANGELOG.md says nothing of 1.2.0' })
  t.match(withRelease(read('CHANGELOG.md'), '99.0.0', '2026-01-01'), /^## Unreleased\n\n## 99\.0\.0 - /m)
})

t.test('a tag that is not the version of the package is refused', async (t) => {
  const asked = promisify(execFile)(process.execPath, ['--import=tsx', 'scripts/release.ts', 'notes', 'v99.0.0'], {
    cwd: ROOT,
  })
  const { version } = JSON.parse(read('package.json'))
  const stderr = await asked.then(
    () => 'nothing',
    (error: { stderr: string }) => error.stderr,
  )
  t.equal(stderr, `release: found the tag v99.0.0; allowed: v${version}, the version of package.json\n`)
})

t.test('each job of the release may do what it needs, after the tests', async (t) => {
  const { permissions, jobs } = parse(read('.github/workflows/release.yml'))
  t.strictSame(permissions, {})
  t.strictSame(
    Object.fromEntries(
      Object.entries<{ permissions: object; needs?: unknown }>(jobs).map(([name, { permissions, needs }]) => [
        name,
        { permissions, needs },
      ]),
    ),
    {
      test: { permissions: { contents: 'read' }, needs: undefined },
      npm: { permissions: { contents: 'read', 'id-token': 'write' }, needs: 'test' },
      image: { permissions: { contents: 'read', packages: 'write', 'id-token': 'write' }, needs: 'test' },
      release: { permissions: { contents: 'write' }, needs: ['npm', 'image'] },
    },
  )
})

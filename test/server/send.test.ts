import t from 'tap'
import { startMock } from '../../src/index.js'
import { connectTo } from '../socket.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'

/** The head of an answer, but for what no two answers share, or one of the two has on purpose. */
function headOf(answer: string): string[] {
  const [head = ''] = answer.split('\r\n\r\n', 1)
  return head.split('\r\n').filter((line) => !/^(?:Date|X-Authentik-Id|Connection): /.test(line))
}

t.test('a head that was kept is the one that Node would write', async (t) => {
  await using mock = await startMock({ generate: 20 })
  const bearer = `Authorization: Bearer ${mock.token}\r\n`
  const cases: [path: string, headers: string, status: number][] = [
    [`${LIST}7/`, bearer, 200],
    [`${LIST}7/`, `${bearer}Accept-Encoding: gzip\r\n`, 200],
    [`${LIST}7/`, `${bearer}Accept-Encoding: deflate\r\n`, 200],
    [`${LIST}7/`, `${bearer}Accept-Language: de\r\n`, 200],
    [`${LIST}7/`, `${bearer}Cookie: authentik_session=x\r\n`, 200],
    [`${LIST}?page_size=1`, bearer, 200],
    [`${LIST}7/used_by/`, bearer, 200],
    [`${LIST}999/`, bearer, 404],
    [LIST, '', 403],
    [LIST, 'Authorization: Bearer nobody\r\n', 403],
    ['/nowhere/', bearer, 404],
  ]
  const ids = new Set<string>()
  for (const [path, headers, status] of cases) {
    using connection = await connectTo(mock.url)
    const request = `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}`
    // The first makes what is kept, the second uses it, and the last, which ends the connection, passes it by.
    await connection.sends(`${request}\r\n${request}\r\n${request}Connection: close\r\n\r\n`)
    const answers = (await connection.ends()).split(/(?=HTTP\/1\.1 )/)
    t.equal(answers.length, 3, path)
    const [first = '', second = '', last = ''] = answers
    t.match(first, `HTTP/1.1 ${status} `)
    t.strictSame(headOf(first), headOf(last), `${path} ${headers}`)
    t.strictSame(headOf(second), headOf(last), `${path} ${headers}`)
    for (const answer of answers) ids.add(/X-Authentik-Id: ([0-9a-f]{32})\r\n/.exec(answer)?.[1] ?? '')
  }
  t.equal(ids.size, 3 * cases.length, 'each answer has an id of its own')
})

t.test('what a kept head was made of is looked at each time', async (t) => {
  await using mock = await startMock({ generate: 20 })
  using connection = await connectTo(mock.url)
  const asks = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${mock.token}\r\n`
  const one = asks(`${LIST}7/`)
  await connection.sends(`${one}\r\n${one}Accept-Encoding: gzip\r\n\r\n${one}\r\n${one}Connection: close\r\n\r\n`)
  const heads = (await connection.ends()).split(/(?=HTTP\/1\.1 200)/).map(headOf)
  const encodings = heads.map((head) => head.includes('Content-Encoding: gzip'))
  t.strictSame(encodings, [false, true, false, false])
  t.strictSame(heads[2], heads[0])
})

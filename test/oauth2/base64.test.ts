import t from 'tap'
import { withSpaces } from '../../src/authentik/spaces.js'
import { decodeBase64Text, decodeSegment, decodeSegmentText } from '../../src/oauth2/base64.js'

t.test('base64 as Python reads it', (t) => {
  const texts: [text: string, plain: string | undefined, ofUrl: string | undefined][] = [
    ['', '', ''],
    ['YTpi', 'a:b', 'a:b'],
    ['YQ==', 'a', 'a'],
    ['YQ', undefined, 'a'],
    ['YQ=', undefined, 'a'],
    ['YQ==YQ==', 'a', 'a'],
    ['Y Q\n=.=', 'a', 'a'],
    ['Yé١Q==', 'a', 'a'],
    ['=YTpi', 'a:b', 'a:b'],
    ['Y', undefined, undefined],
    ['Pj4+', '>>>', '>>>'],
    ['Pj4-', undefined, '>>>'],
    ['Pz8/', '???', '???'],
    ['Pz8_', undefined, '???'],
    ['/w==', undefined, undefined],
  ]
  for (const [text, plain, ofUrl] of texts) {
    t.equal(decodeBase64Text(text), plain, `plain: ${text}`)
    t.equal(decodeSegmentText(text), ofUrl, `of a URL: ${text}`)
  }
  t.strictSame(decodeSegment('-_-_'), Buffer.from([0xfb, 0xff, 0xbf]))
  t.equal(decodeSegment('-'.repeat(4_000_000))?.length, 3_000_000)
  t.end()
})

t.test('plus signs are spaces', (t) => {
  for (const [text, read] of [
    ['', ''],
    ['a', 'a'],
    ['+a+', ' a '],
    ['ä+%2B+€', 'ä %2B €'],
    ['+'.repeat(2_400_000), ' '.repeat(2_400_000)],
  ] as const)
    t.ok(withSpaces(text) === read, text.slice(0, 10))
  t.end()
})

import type { Answer } from '../authentik/answer.js'
import { sessionCookie } from '../authentik/browser/cookies.js'
import { redirect } from '../authentik/browser/visitor.js'
import type { RequestContext } from '../authentik/context.js'
import type { Form } from '../authentik/form.js'
import { signIn } from '../oauth2/sessions.js'
import type { Database } from '../world/database.js'
import type { User } from '../world/kinds/users.js'
import { type Html, html } from './html.js'
import { pageAnswer } from './page.js'

/** So many users stand on the page; where there are more, they are searched. */
const SHOWN = 20
/** So many users are looked at by a search. */
const SEARCHED = 2000

/** Where somebody chooses who to be: nobody has a password here. */
export function signInPage(ctx: RequestContext, form: Form | undefined): Answer {
  const name = form?.get('user')
  if (name === undefined) return choicePage(ctx)
  const user = userOf(ctx.database, name)
  if (user === undefined) return choicePage(ctx, `There is no user ${name}.`)
  // authentik says the same as for a wrong password.
  if (!user.is_active) return choicePage(ctx, `Invalid password: user ${user.username} is not active.`)
  return signedIn(ctx, user)
}

function signedIn(ctx: RequestContext, user: User): Answer {
  const { request, database, browser, prefix } = ctx
  const place = { ip: request.socket?.remoteAddress, userAgent: request.headers['user-agent'] }
  const { session, changes } = signIn(database, user, database.clock.now(), place)
  ctx.apply(changes)
  // Django keeps what it knows of a browser only for the same user.
  const relogin = browser?.user?.pk === user.pk ? browser.notes.relogin : undefined
  const notes = { ...(relogin !== undefined && { relogin }), message: true as const }
  const answer = redirect(localPath(ctx.parameter('next')) ?? `${prefix}/if/user/`)
  return { ...answer, cookies: [sessionCookie(ctx, session, notes)] }
}

/** Undefined: it leads to another site, or nowhere. */
function localPath(next: string | undefined): string | undefined {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : undefined
}

function userOf({ users }: Database, name: string): User | undefined {
  return users.find('username', name) ?? (/^\d{1,10}$/.test(name) ? users.get(Number(name)) : undefined)
}

function choicePage(ctx: RequestContext, alert?: string): Answer {
  const search = (ctx.parameter('search') ?? hintOf(ctx)).slice(0, 200)
  const { found, hasMore } = usersLike(ctx.database, search)
  const isLong = ctx.database.users.size >= SHOWN || search !== ''
  return pageAnswer(ctx, {
    title: 'Sign in - authentik',
    heading: 'Who are you?',
    main: (token) => html`${alert === undefined ? undefined : html`<p role="alert">${alert}</p>`}
<p>This is a stand-in for authentik: choose a user, no password is asked for.</p>
${isLong ? searchForm(ctx, search) : undefined}
<form method="post">${token}<ul>${found.map(choiceOf)}</ul></form>
${found.length === 0 ? html`<p>No user is called like that.</p>` : undefined}
${hasMore ? html`<p><small>There are more users; a whole username finds any of them.</small></p>` : undefined}`,
  })
}

/** Whom the application that led here expects. */
function hintOf(ctx: RequestContext): string {
  if (ctx.release.oauth2.loginHint === 'nothing') return ''
  const [, query = ''] = (localPath(ctx.parameter('next')) ?? '').split('?')
  return new URLSearchParams(query).get('login_hint') ?? ''
}

function choiceOf({ username, name, is_active }: User): Html {
  const remark = is_active ? undefined : html` <small>(not active)</small>`
  return html`<li><button name="user" value="${username}">${name || username} <small>${username}</small>${remark}</button></li>`
}

/** The query that led here goes along. */
function searchForm(ctx: RequestContext, search: string): Html {
  const others = Object.keys(ctx.query).filter((name) => name !== 'search')
  const hidden = others.map((name) => html`<input type="hidden" name="${name}" value="${ctx.parameter(name)}">`)
  return html`<form method="get" role="search">${hidden}<label for="search">Search by username, name or e-mail</label>
<input id="search" name="search" type="search" value="${search}" autofocus><p><button>Search</button></p></form>`
}

function usersLike({ users }: Database, search: string): { found: User[]; hasMore: boolean } {
  const wanted = search.toLowerCase()
  const exact = search === '' ? undefined : users.find('username', search)
  const found: User[] = exact === undefined ? [] : [exact]
  let looked = 0
  for (const pk of users.keys()) {
    if (found.length > SHOWN || looked++ >= SEARCHED) break
    const user = users.get(pk) as User
    const isLike = [user.username, user.name, user.email].some((text) => text.toLowerCase().includes(wanted))
    if (isLike && user.pk !== exact?.pk) found.push(user)
  }
  return { found: found.slice(0, SHOWN), hasMore: found.length > SHOWN || looked > SEARCHED }
}

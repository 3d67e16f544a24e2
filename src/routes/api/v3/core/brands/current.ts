import * as Type from 'typebox'
import { bodyOf } from '../../../../../authentik/answer.js'
import type { Release } from '../../../../../authentik/releases.js'
import { restView } from '../../../../../authentik/rest-view.js'
import { anything, orNull, pickFields } from '../../../../../authentik/wire-types.js'

const values = {
  matched_domain: 'authentik-default',
  branding_title: 'authentik',
  branding_logo: '/static/dist/assets/icons/icon_left_brand.svg',
  branding_logo_themed_urls: null,
  branding_favicon: '/static/dist/assets/icons/icon.png',
  branding_favicon_themed_urls: null,
  branding_custom_css: '',
  branding_map_tiles: '',
  ui_footer_links: [],
  ui_theme: 'automatic',
  flow_authentication: 'default-authentication-flow',
  flow_invalidation: 'default-invalidation-flow',
  flow_user_settings: 'default-user-settings-flow',
  default_locale: '',
}

const fields = {
  matched_domain: Type.String(),
  branding_title: Type.String(),
  branding_logo: Type.String(),
  branding_logo_themed_urls: orNull(anything()),
  branding_favicon: Type.String(),
  branding_favicon_themed_urls: orNull(anything()),
  branding_custom_css: Type.String(),
  branding_map_tiles: Type.String(),
  ui_footer_links: Type.Array(Type.Unknown()),
  ui_theme: Type.String(),
  flow_authentication: Type.String(),
  flow_invalidation: Type.String(),
  flow_user_settings: Type.String(),
  default_locale: Type.String(),
  flags: anything(),
}

/** No flag is set. */
function brandOf({ neighbourKeys: { brand, flags } }: Release): object {
  const all: Record<string, unknown> = { ...values, flags: Object.fromEntries(flags.map((flag) => [flag, false])) }
  return Object.fromEntries(brand.map((key) => [key, all[key]]))
}

/** /api/v3/core/brands/current/: the brand of a freshly installed authentik. */
export const currentBrandView = restView({
  route: 'current_brand',
  url: '/api/v3/core/brands/current/',
  name: 'Current',
  description: 'Get current brand',
  allow: 'GET, HEAD, OPTIONS',
  methods: {
    GET: {
      operationId: 'core_brands_current_retrieve',
      undocumented: true,
      schema: { response: ({ neighbourKeys }) => pickFields(fields, neighbourKeys.brand, 'CurrentBrand') },
      handle: ({ release }) => ({ status: 200, body: bodyOf(JSON.stringify(brandOf(release))) }),
    },
  },
})

import { api, body } from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import { fromBase64url, toBase64url } from './base64url';
import { deviceName } from './device-name';
import type { PasskeyAnswer } from './types';

/** What unlocks the account's secrets: output of WebAuthn's PRF extension and the credential's id, base64url. */
export interface Unlock {
  prf?: string;
  prf_id?: string;
}
interface Ceremony {
  ceremony_id: string;
  public_key: unknown;
}
type Descriptor = { id: string; type: 'public-key'; transports?: AuthenticatorTransport[] };
type CreationJson = Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> & {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: Descriptor[];
};
type RequestJson = Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> & {
  challenge: string;
  allowCredentials?: Descriptor[];
};

/** The same everywhere, so that one passkey gives one key. */
const prfInput = { eval: { first: new TextEncoder().encode('doorpost vault v1') } };
const LOCAL_CHALLENGE_BYTES = 32;

export const passkeysWork = () => 'credentials' in navigator && 'PublicKeyCredential' in globalThis;

export async function signUpWithPasskey(who: { handle: string; name: string; registration_code?: string }): Promise<Unlock> {
  const passkey_name = deviceName(navigator.userAgent);
  return register(await body(api.POST('/api/auth/passkeys/register/start', { body: { ...who, passkey_name } })));
}

/** Adds a passkey to the account that is signed in. */
export async function addPasskey(passkey_name: string): Promise<Unlock> {
  return register(await body(api.POST('/api/auth/passkeys/register/start', { body: { passkey_name } })));
}

export async function signInWithPasskey(): Promise<Unlock> {
  const { credential, answer } = await asserted();
  await api.POST('/api/auth/passkeys/login/finish', { body: answer });
  return unlockOf(credential);
}

/** What shows the server anew who one is, without signing in. */
export async function proveWithPasskey(): Promise<PasskeyAnswer> {
  return (await asserted()).answer;
}

async function asserted(): Promise<{ credential: PublicKeyCredential; answer: PasskeyAnswer }> {
  const ceremony: Ceremony = await body(api.POST('/api/auth/passkeys/login/start'));
  const credential = await get(requestOptions(ceremony.public_key));
  const response = credential.response as AuthenticatorAssertionResponse;
  const answer = {
    ceremony_id: ceremony.ceremony_id,
    credential: {
      ...identified(credential),
      response: {
        authenticatorData: toBase64url(response.authenticatorData),
        clientDataJSON: toBase64url(response.clientDataJSON),
        signature: toBase64url(response.signature),
        userHandle: response.userHandle ? toBase64url(response.userHandle) : null
      }
    }
  };
  return { credential, answer };
}

/** Asks a passkey for its key alone; the server has no part in it. */
export async function unlockWithPasskey(credentialId?: BufferSource): Promise<Unlock> {
  const allowCredentials = credentialId ? [{ type: 'public-key' as const, id: credentialId }] : [];
  const challenge = crypto.getRandomValues(new Uint8Array(LOCAL_CHALLENGE_BYTES));
  return unlockOf(await get({ challenge, allowCredentials, userVerification: 'required' }));
}

async function register(ceremony: Ceremony): Promise<Unlock> {
  const credential = await created(creationOptions(ceremony.public_key));
  const response = credential.response as AuthenticatorAttestationResponse;
  await api.POST('/api/auth/passkeys/register/finish', {
    body: {
      ceremony_id: ceremony.ceremony_id,
      credential: {
        ...identified(credential),
        response: {
          attestationObject: toBase64url(response.attestationObject),
          clientDataJSON: toBase64url(response.clientDataJSON),
          transports: response.getTransports?.() ?? []
        }
      }
    }
  });
  const results = credential.getClientExtensionResults().prf;
  if (results?.results?.first) return unlockOf(credential);
  // Many authenticators give the key only when asked a second time.
  return results?.enabled ? unlockWithPasskey(credential.rawId) : {};
}

/** Never `toJSON()`: its extension results hold the key, which the server must not see. */
const identified = (credential: PublicKeyCredential) => ({
  id: credential.id,
  rawId: toBase64url(credential.rawId),
  type: credential.type,
  extensions: {}
});

function unlockOf(credential: PublicKeyCredential): Unlock {
  const key = credential.getClientExtensionResults().prf?.results?.first;
  if (!key) return {};
  const bytes = ArrayBuffer.isView(key) ? new Uint8Array(key.buffer as ArrayBuffer) : new Uint8Array(key);
  return { prf: toBase64url(bytes), prf_id: toBase64url(credential.rawId) };
}

const inner = (options: unknown) => (options as { publicKey?: unknown }).publicKey ?? options;
const descriptors = (list: Descriptor[] | undefined) => (list ?? []).map((one) => ({ ...one, id: fromBase64url(one.id) }));

function creationOptions(json: unknown): PublicKeyCredentialCreationOptions {
  const options = inner(json) as CreationJson;
  return {
    ...options,
    challenge: fromBase64url(options.challenge),
    user: { ...options.user, id: fromBase64url(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
    extensions: { ...options.extensions, prf: prfInput }
  };
}

function requestOptions(json: unknown): PublicKeyCredentialRequestOptions {
  const options = inner(json) as RequestJson;
  return {
    ...options,
    challenge: fromBase64url(options.challenge),
    allowCredentials: descriptors(options.allowCredentials)
  };
}

const created = (publicKey: PublicKeyCredentialCreationOptions) => asked(() => navigator.credentials.create({ publicKey }));
const get = (publicKey: PublicKeyCredentialRequestOptions) =>
  asked(() => navigator.credentials.get({ publicKey: { ...publicKey, extensions: { ...publicKey.extensions, prf: prfInput } } }));

async function asked(ceremony: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ceremony();
    if (credential) return credential as PublicKeyCredential;
  } catch (thrown) {
    const name = thrown instanceof DOMException ? thrown.name : '';
    if (name === 'InvalidStateError') throw new ApiError({ code: 'passkey_known', message: 'This device has a passkey already.' });
    if (name !== 'NotAllowedError' && name !== 'AbortError') throw thrown;
  }
  throw new ApiError({ code: 'passkey_cancelled', message: 'The passkey was not used.' });
}

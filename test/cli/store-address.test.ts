import { describe, expect, it } from 'vitest';
import { kindOf, parseAddress } from '../../src/cli/store/store-address.ts';

const parse = (text: string, prefix?: string) => parseAddress('--target', text, prefix);

describe('addresses of stores', () => {
  it.each([
    ['./storage', 'storage'],
    ['file:./storage', 'storage'],
    ['file:storage', 'storage'],
    ['file:///tmp/storage', '/tmp/storage'],
    ['file:/tmp/storage', '/tmp/storage'],
    ['/tmp/a@b:c', '/tmp/a@b:c'],
  ])('%s is a folder', (text, path) => {
    const absolute = path.startsWith('/') ? path : `${process.cwd()}/${path}`;
    expect(parse(text)).toMatchObject({ type: 'folder', path: absolute });
  });

  it.each([
    ['redis://localhost', 'myapp', 'redis://localhost?prefix=myapp'],
    ['rediss://me:secret@host:7000/3', 'myapp', 'rediss://me:***@host:7000/3?prefix=myapp'],
    ['redis://:secret@host?prefix=own', 'other', 'redis://:***@host?prefix=own'],
    ['redis://host?prefix=%7Bmyapp%7D&cluster=true', undefined, 'redis://host?prefix={myapp}&cluster=true'],
    ['redis://secret@host', 'myapp', 'redis://***@host?prefix=myapp'],
  ])('%s is a Redis, shown without its password', (text, prefix, shown) => {
    const address = parse(text, prefix);
    expect(address).toMatchObject({ type: 'redis', shown });
    expect(address.type === 'redis' && address.url).not.toContain('prefix');
    expect(address).toMatchObject({ cluster: text.includes('cluster') });
  });

  it('understands the prefix of one kind', () => {
    const whole = parse('redis://host', 'my:app');
    const tools = parse('redis://host', 'my:app:tools');
    expect(whole).toMatchObject({ prefix: 'my:app' });
    expect(tools).toMatchObject({ prefix: 'my:app', only: 'tools' });
    expect(parse('redis://host', ':tools')).toMatchObject({ prefix: ':tools' });
    expect(kindOf(undefined, [tools])).toBe('tools');
    expect(kindOf('tools', [tools])).toBe('tools');
    expect(kindOf('skills', [whole])).toBe('skills');
    expect(kindOf(undefined, [whole])).toBeUndefined();
    expect(() => kindOf('skills', [tools])).toThrow('expected --type tools');
    expect(() => kindOf('all', [tools])).toThrow('expected --type tools');
  });

  it.each([
    ['', 'it is empty'],
    ['file:', 'it is empty'],
    ['http://secret@host', 'it begins with http:'],
    ['redis:', 'it is no Redis URL'],
    ['redis://user:secret@', 'it is no Redis URL'],
    ['redis://:secret/a@host', 'it is no Redis URL'],
    ['redis://user:12/secret@host', 'it is no Redis URL'],
    ['redis://user:12#secret@host', 'it is no Redis URL'],
    ['redis://user:12?secret@host', 'its URL has other parameters'],
    ['redis://host?prefix=a&cluster=yes', 'its URL has other parameters'],
    ['redis://:secret@host', 'it has no prefix'],
    ['env:NO_SUCH_STORE', 'NO_SUCH_STORE is not set'],
  ])('refuses "%s", and shows no password', (text, message) => {
    const refused = (): unknown => parse(text);
    expect(refused).toThrow(message);
    expect(refused).not.toThrow('secret');
  });

  it('reads an environment variable that is named', () => {
    process.env['STORE_OF_THIS_TEST'] = 'redis://:secret@host';
    try {
      expect(parse('env:STORE_OF_THIS_TEST', 'myapp')).toMatchObject({
        url: 'redis://:secret@host',
        shown: 'redis://:***@host?prefix=myapp',
      });
      expect(() => parse('env:STORE_OF_THIS_TEST')).toThrow(
        'Cannot use --target env:STORE_OF_THIS_TEST redis://:***@host: it has no prefix',
      );
    } finally {
      delete process.env['STORE_OF_THIS_TEST'];
    }
  });
});

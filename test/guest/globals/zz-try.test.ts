import { it } from 'vitest';
import { createGuestVm, showInNode } from '/work/main/test/guest/globals/guest-vm.ts';
it('x', async () => {
  const vm = await createGuestVm();
  const both = (e: string) => { const a = vm.show(e), b = showInNode(e); console.log(a === b ? 'same' : 'DIFF', e, a === b ? a.slice(0,150) : '\n  guest ' + a.slice(0,400) + '\n  node  ' + b.slice(0,400)); };
  for (const e of [`new URL('http://a/b?c=d#e').href`, `new Intl.NumberFormat('de').format(1234.5)`, `[...new Intl.Segmenter('en',{granularity:'word'}).segment('Hi you')]`,`new Intl.DateTimeFormat().resolvedOptions().timeZone`, `(1234.5).toLocaleString('de')`, `new Date(0).toLocaleString('en',{timeZone:'Asia/Tokyo'})`, `[..."bca"].sort(new Intl.Collator().compare)`]) both(e);
  const bench = (name: string, code: string) => { const c = vm.hostCalls(); const t = performance.now(); vm.show(code); const d = performance.now() - t; console.log(name, d.toFixed(0) + 'ms', vm.hostCalls() - c, 'calls', ((d * 1000) / (vm.hostCalls() - c || 1)).toFixed(2) + 'us/call'); };
  const arr = `Array.from({length:10000},(_, i)=>'name '+((i*7919)%10007).toString(36)+' x')`;
  bench('base', `${arr}.length`);
  bench('sort native', `${arr}.sort((a,b)=>a<b?-1:a>b?1:0).length`);
  bench('sort compare', `${arr}.sort(new Intl.Collator('en').compare).length`);
  bench('sort localeCompare', `${arr}.sort((a,b)=>a.localeCompare(b)).length`);
  bench('sort localeCompare de', `${arr}.sort((a,b)=>a.localeCompare(b,'de')).length`);
  bench('format', `Array.from({length:10000},(_, i)=>i.toLocaleString('de')).length`);
  bench('date', `Array.from({length:10000},(_, i)=>new Date(i*1e9).toLocaleDateString('de',{month:'long',day:'numeric'})).length`);
  bench('url', `Array.from({length:10000},(_, i)=>new URL('http://a/b?c=d'+i).href).length`);
}, 60000);

/** Debian's own static busybox, unmodified, on generated files: same output, status and files as under qemu-arm. */
import { Prng } from '../src/base/prng.ts';
import { type Case, runCases } from './cases.ts';
import { armada, assertSame, type Mode, modeName, oracle } from './oracle.ts';
import { busybox } from './toolchain.ts';

const seed = 20200817;

/** The files that every command finds in its working directory. */
function makeInputs(): ReadonlyMap<string, string | Buffer> {
  const prng = new Prng(seed);
  const syllables = ['ar', 'ma', 'da', 'sea', 'wind', 'sail', 'mast', 'hull', 'tide', 'star', 'x', 'o', 'ing', 'er'];
  const word = () => Array.from({ length: 1 + prng.below(3) }, () => prng.pick(syllables)).join('');
  const line = () => Array.from({ length: prng.below(12) }, word).join(prng.chance(0.1) ? '\t' : ' ');
  const text = Array.from({ length: 1500 }, line);
  const changed = text.map((old) => (prng.chance(0.01) ? line() : old)).filter(() => !prng.chance(0.005));
  const numbers = Array.from({ length: 1000 }, () => prng.below(100_000) - 20_000);
  const rows = numbers.slice(0, 400).map((n, i) => `${i},${word()},${n},${(n / 7).toFixed(3)}`);
  const bytes = Buffer.from(Array.from({ length: 70_000 }, () => prng.next32() & 0xff));
  return new Map<string, string | Buffer>([
    ['text', `${text.join('\n')}\n`],
    ['changed', `${changed.join('\n')}\n`],
    ['numbers', `${numbers.join('\n')}\n`],
    ['rows.csv', `${rows.join('\n')}\n`],
    ['bytes', bytes],
    ['no-newline', 'one\ntwo'],
    ['empty', ''],
    ['tree/a/one', 'first\n'],
    ['tree/a/two', 'second\n'],
    ['tree/b/c/deep', bytes.subarray(0, 5000)],
    [
      'script.awk',
      '{ count[length($1)]++; sum += NF } END { for (n = 0; n < 20; n++) print n, count[n]; print sum, sqrt(sum) }\n',
    ],
    [
      'script.sh',
      'total=0\nfor i in 1 2 3 4 5 6 7 8 9; do total=$((total + i * i)); done\n' +
        'f() { local x=$1; [ "$x" -le 1 ] && echo 1 && return; echo "$x"; f $((x - 1)); }\n' +
        'while read -r a b; do case $a in s*) n=$((n + 1)) ;; esac; done < text\n' +
        'echo "total $total n $n $((total % 7))"; f 5; printf "%05d|%-8s|%x\\n" 42 left 255 > made; exit 7\n',
    ],
  ]);
}

/** One command a line, as it would be typed after `busybox`; `< file` feeds standard input. */
const commands = [
  'cat text no-newline empty',
  'cat absent',
  'tac text',
  'rev text',
  'nl text',
  'head -n 20 text',
  'tail -n 20 text',
  'tail -c 1000 bytes',
  'wc text numbers bytes',
  'sort text',
  'sort -n numbers',
  'sort -t , -k 2,2 -k 3rn rows.csv',
  'sort -u -r text -o sorted',
  'uniq -c text',
  'cut -d , -f 2,4 rows.csv',
  'cut -c 3-9 text',
  'paste text numbers',
  'tr a-m N-Z < text',
  'tr -d aeiou < text',
  'fold -w 30 text',
  'expand -t 4 text',
  'grep -n star text',
  'grep -c ^s.*d$ text',
  'grep -E -o (sea|wind)[a-z]+ text',
  'grep -v -i SAIL text',
  'grep absent-word text',
  'sed s/ma\\(st\\)*/<&>/g text',
  'sed -n 5,9p;/tide$/= text',
  'sed -i /star/d text',
  'awk -f script.awk text',
  'awk -F , {s+=$3;if($3>m)m=$3}END{printf"%d_%.6f_%s\\n",s,s/NR,m} rows.csv',
  'awk BEGIN{for(i=1;i<=20;i++)printf"%g_%d_%.3e\\n",sin(i),2^i,exp(i)}',
  'md5sum text bytes',
  'sha1sum bytes',
  'sha256sum text bytes empty',
  'sha512sum bytes',
  'sha3sum bytes',
  'cksum bytes text',
  'crc32 bytes',
  'base64 bytes',
  'od -t x1 bytes',
  'od -t f8 -N 800 bytes',
  'hexdump -C bytes',
  'xxd bytes',
  'strings bytes',
  'uuencode bytes name',
  'cmp text changed',
  'diff text changed',
  'diff -u text changed',
  'diff -r tree/a tree/b',
  'gzip -c text',
  'gzip -9 bytes',
  'bzip2 -k text',
  'bzip2 -c bytes',
  'lzop -c text',
  'tar cf archive text bytes tree/a/one',
  'unix2dos text',
  'unexpand -a text',
  'ascii',
  'ipcalc -n -b 10.1.2.3/20',
  'find tree -type f -size +1',
  'find . -name t*xt',
  'ls -R',
  'ls -1 -S',
  'cp -r tree copy',
  'mv tree/a moved',
  'rm -r tree',
  'mkdir -p x/y/z',
  'ln -s text link',
  'dd if=bytes of=part bs=1000 skip=3 count=5 status=none',
  'tee out1 out2 < text',
  'truncate -s 12345 bytes',
  'stat -c %s_%F_%a text tree',
  'factor 1234567890 2147483647 98765432123',
  'seq 1 3 50',
  'seq -w 0.5 0.25 3',
  'expr 17 * 23 + 4',
  'printf %5.2f|%s|%o\\n 3.14159 text 64',
  'dc -e 2_3^pc10k2vp',
  'bc -l < empty',
  'cal 2 2024',
  'basename /a/b/c.txt .txt',
  'date -u -d @1000000000',
  'test -f text -a ! -d text',
  'sh script.sh',
  'ash -c i=0;while_[_$i_-lt_3000_];do_i=$((i+1));done;echo_$i',
  'false',
  'no-such-applet',
] as const;

const modes: readonly Mode[] = [{ nodes: 1 }, { nodes: 2, transport: 'tcp' }];

function applet(command: string, mode: Mode, inputs: ReadonlyMap<string, string | Buffer>): Case {
  return {
    name: `${command} on ${modeName(mode)}`,
    async run() {
      const [words, from] = command.split(' < ') as [string, string?];
      const shell = /^ash\b/.test(words);
      const stdin = from === undefined ? undefined : inputs.get(from);
      const program = {
        path: busybox(),
        // In the table's words for a shell, _ stands for a blank.
        args: words.split(' ').map((word) => (shell ? word.replaceAll('_', ' ') : word)),
        inputs,
        ...(stdin === undefined ? {} : { stdin }),
      };
      assertSame(await armada(program, mode), await oracle(program));
    },
  };
}

const inputs = makeInputs();
runCases(
  import.meta.url,
  'busybox',
  modes.flatMap((mode) => commands.map((command) => applet(command, mode, inputs))),
);

/** Debian's own tools for armhf, unmodified, at work: same output, status and files as under qemu-arm. */
import { join } from 'node:path';
import { Prng } from '../src/base/prng.ts';
import { type Case, runCases } from './cases.ts';
import { armada, assertSame, limitMs, type Mode, modeName, oracle } from './oracle.ts';
import { sysroot } from './toolchain.ts';

const seed = 17710412;

function makeInputs(): ReadonlyMap<string, string | Buffer> {
  const prng = new Prng(seed);
  const words = Array.from({ length: 300 }, () => prng.next32().toString(36));
  const lines = Array.from({ length: 2000 }, (_, i) =>
    [i, prng.pick(words), prng.below(100_000), (prng.next32() / 7919).toFixed(prng.below(6)), prng.pick(words)].join(
      '\t',
    ),
  );
  return new Map<string, string | Buffer>([
    ['table', `${lines.join('\n')}\n`],
    ['noise', Buffer.from(Array.from({ length: 50_000 }, () => prng.next32() & 0xff))],
    ['text', `${Array.from({ length: 20_000 }, () => prng.pick(words)).join(' ')}\n`],
  ]);
}
const inputs = makeInputs();

const perl = `
use strict; use warnings; use POSIX qw(floor fmod strftime); use List::Util qw(sum first reduce shuffle);
use Math::BigInt; use Digest::MD5 qw(md5_hex); use Digest::SHA qw(sha256_hex sha512_hex); use Data::Dumper;
my (%count, @rows); open my $in, '<', 'table' or die;
while (<$in>) { chomp; my @f = split /\\t/; push @rows, \\@f; $count{substr $f[1], 0, 1} += $f[2]; }
print "$_ $count{$_}\\n" for sort keys %count;
print join(',', map { $_->[0] } (sort { $a->[3] <=> $b->[3] || $a->[0] <=> $b->[0] } @rows)[0 .. 40]), "\\n";
printf "%.10g %s %e\\n", sum(map { $_->[3] } @rows), fmod(1e10, 7.3), exp(10.5) ** 0.3;
my $text = join ' ', map { $_->[4] } @rows; my $n = () = $text =~ /([aeiou])(?=[^aeiou]{2})/g; print "$n\\n";
(my $u = $text) =~ s/(\\w+)(\\s+)(\\w+)/$3$2\\u$1/g; print md5_hex($u), ' ', sha256_hex($text), ' ', sha512_hex($u), "\\n";
print Math::BigInt->new(3)->bpow(500), ' ', Math::BigInt->new(100)->bfac, "\\n";
print unpack('H*', pack('w n N V d< f> Z5 q', 300, 1, 2, 3, 1.5, -2.25, 'armada', -5)), "\\n";
print strftime('%Y-%m-%d %H:%M:%S', gmtime 1e9), ' ', sprintf('%vd', '1.22.333'), ' ', "\\x{263a}" =~ /\\w/ ? 1 : 0, "\\n";
local $Data::Dumper::Sortkeys = 1; print Dumper({ a => [1, { b => undef }], c => \\'x' });
my $deep; $deep = sub { my $k = shift; $k ? 1 + $deep->($k - 1) : 0 }; no warnings; print $deep->(5000), "\\n";
eval { die { code => 7 } }; print $@->{code}, "\\n"; open my $out, '>', 'made' or die; print $out "$_\\n" for 1 .. 1000; close $out; exit 3;
`;

const bash = `
declare -A total; while IFS=$'\\t' read -r i w n f v; do total[\${w:0:1}]=$(( \${total[\${w:0:1}]:-0} + n )); (( i % 7 )) || keep+=("$i:$w"); done < table
for k in {a..z} {0..9}; do echo "$k \${total[$k]:-none}"; done; echo "\${#keep[@]} \${keep[@]:3:5} \${keep[-1]^^}"
f() { local x=$1; (( x < 2 )) && { REPLY=$x; return; }; f $((x-1)); local a=$REPLY; f $((x-2)); REPLY=$((a+REPLY)); }; f 15; echo $REPLY
[[ "voyage-1771-04-12" =~ ^([a-z]+)-([0-9]{4}) ]] && echo "\${BASH_REMATCH[@]}"; printf '%q %05.2f %x %(%Y)T\\n' "a b" 3.14159 255 0
s="the quick brown fox"; echo "\${s//o/0}" "\${s%% *}" "\${s#* }" "\${#s}"; case $s in *quick*) echo found;; esac
read -r a b <<< "here string"; echo "$b $a"; mapfile -t lines < table; echo "\${#lines[@]}"; echo $((16#ff ** 3 % 1000 << 2)) $((-7 / 2)) $((-7 % 3))
trap 'echo leaving' EXIT; set -- x y z; shift; echo "$# $*"; for ((i = 0; i < 3; i++)); do let j+=i; done; echo $j > made; exit 4
`;

const gawk = `
{ n[substr($2, 1, 1)] += $3; s += $4; if (match($5, /[a-f]+[0-9]/)) m[substr($5, RSTART, RLENGTH)]++ }
END { PROCINFO["sorted_in"] = "@ind_str_asc"; for (k in n) print k, n[k]; printf "%.6f %d\\n", s, length(m);
  for (k in m) line = line k ":" m[k] " "; print line; print sin(1) atan2(1, 2) exp(2.5) log(10) sqrt(2) int(-3.7) 2 ^ 0.5;
  printf "%c%5.3e|%-8s|%08.3f|%x\\n", 65, 12345.678, "ab", -3.14159, 255; print toupper("abc") gensub(/(b)(c)/, "<\\\\2\\\\1>", "g", "abcbc"), strftime("%F", 1e9, 1) }
`;

const sql = `
.mode csv
create table t(i integer primary key, w text, n integer, f real, v text);
.separator "\\t"
.import table t
.separator ,
select count(*), sum(n), avg(f), total(f), min(w), max(v) from t;
create index by_word on t(w);
select w, count(*), sum(n) from t group by w having count(*) > 9 order by 3 desc, 1 limit 20;
select a.i, b.i from t a join t b on a.w = b.v and a.n < b.n order by a.i, b.i limit 20;
with recursive c(x) as (select 1 union all select x + 1 from c where x < 200) select sum(x * x), group_concat(x % 7, '') from c;
select i, sum(n) over (order by i rows 3 preceding), rank() over (order by f) from t order by i limit 10;
begin; update t set n = n + 1 where i % 3 = 0; delete from t where i % 5 = 0; rollback;
begin; update t set f = f / 3 where w like 'a%'; commit;
select printf('%.12f', sum(f)), round(sqrt(2), 10), json_extract('{"a":[1,2,{"b":3}]}', '$.a[2].b'), hex(zeroblob(3)), strftime('%Y-%m', 1e9, 'unixepoch') from t;
pragma integrity_check; vacuum; select typeof(f), typeof(w) from t limit 1;
`;

interface Job {
  readonly tool: string;
  readonly words: string;
  readonly args: readonly string[];
  readonly stdin?: string | Buffer;
}
const noise = inputs.get('noise') as Buffer;
const text = inputs.get('text') as string;

const jobs: readonly Job[] = [
  { tool: 'usr/bin/perl', words: 'a script', args: ['-e', perl] },
  { tool: 'bin/bash', words: 'builtins', args: ['-c', bash] },
  { tool: 'usr/bin/gawk', words: 'a table', args: ['-F', '\t', gawk, 'table'] },
  {
    tool: 'usr/bin/gawk',
    words: 'many digits',
    args: ['-M', '-v', 'PREC=300', 'BEGIN { print 2 ^ 400, exp(1), sqrt(2) }'],
  },
  {
    tool: 'usr/bin/bc',
    words: 'digits',
    args: ['-l'],
    stdin: 'scale=120\n4*a(1)\ne(1)\nsqrt(7)\n2^777%10^50\nl(3)/s(2)\nobase=16\n10^30\n',
  },
  { tool: 'usr/bin/sqlite3', words: 'a file', args: ['made.db'], stdin: sql },
  { tool: 'usr/bin/xz', words: 'packs text', args: ['-9', '-c'], stdin: text },
  { tool: 'usr/bin/xz', words: 'packs by threads', args: ['-T', '2', '--block-size=16KiB', '-c'], stdin: noise },
  { tool: 'usr/bin/xz', words: 'leaves a file', args: ['-k', '--check=sha256', 'text'] },
  { tool: 'usr/bin/zstd', words: 'packs text', args: ['-19', '-c', '--no-progress'], stdin: text },
  { tool: 'usr/bin/zstd', words: 'packs by threads', args: ['-T2', '-q', '-c', 'text'] },
  { tool: 'usr/bin/zstd', words: 'leaves a file', args: ['-q', '-k', '--ultra', '-20', 'text'] },
];
const modes: readonly Mode[] = [{ nodes: 1 }, { nodes: 2, transport: 'tcp' }];

runCases(
  import.meta.url,
  'tools',
  modes.flatMap((mode) =>
    jobs.map(({ tool, words, args, stdin }): Case => {
      return {
        name: `${tool} ${words} on ${modeName(mode)}`,
        async run() {
          const system = { sysroot: sysroot('tools') };
          const program = {
            path: join(system.sysroot, tool),
            args,
            inputs,
            env: {
              LC_ALL: 'C',
              PERL5LIB: ['usr/share/perl/5.36', 'usr/lib/arm-linux-gnueabihf/perl/5.36']
                .map((folder) => join(system.sysroot, folder))
                .join(':'),
            },
            limitMs: 3 * limitMs,
            ...(stdin === undefined ? {} : { stdin }),
          };
          assertSame(await armada(program, { ...mode, ...system }), await oracle(program, system));
        },
      };
    }),
  ),
);

/** Scripts that start processes, by what they are about; their output does not depend on the schedule. */

/** For any POSIX shell. */
export const shellScripts: Readonly<Record<string, string>> = {
  pipelines: `
seq 1 200 | sed -n 's/7/&&/p' | sort -r | head -n 5
echo a b c | tr ' ' '\\n' | while read -r x; do echo "[$x]"; done | tail -n 2
true | false; echo "$?"; false | true; echo "$?"; ! true | true; echo "$?"
seq 1 5000 | head -n 1; echo "$?"
printf 'b\\na\\nb\\n' | sort | uniq -c | awk '{ print $2 "=" $1 }'`,
  substitution: `
x=$(echo one; echo two; exit 3); echo "$x $?"; y=\`printf %s "$(printf %s "$(echo deep)")"\`; echo "$y"
echo "$(echo "a  b"; (exit 4); echo "$?")"; z=$(false) || echo failed; set -- $(seq 1 300); echo "$# $300"`,
  subshells: `
v=1; (v=2; cd /; exit 5); echo "$? $v"; (trap 'echo inner' EXIT; true); { v=3; }; echo "$v"
(exec 3>&1; (echo through three >&3)); (umask 077; : > private); ls -l private | cut -c1-10; rm private
(kill -TERM $(sh -c 'echo $PPID')) 2>/dev/null; echo "$?"`,
  jobs: `
sleep 0.2 & a=$!; (exit 7) & b=$!; wait $b; echo "$?"; wait $a; echo "$?"
(sleep 20) & c=$!; kill $c; wait $c 2>/dev/null; echo "$?"; wait; echo "$?"; wait 999999 2>/dev/null; echo "$?"
for i in 1 2 3 4; do (exit $i) & done; wait; echo "all $?"`,
  traps: `
trap 'echo usr1' USR1; kill -USR1 $$; echo after; trap '' USR2; sh -c 'kill -USR2 $$; echo survives'; trap - USR1
sh -c 'trap "echo term; exit 9" TERM; kill -TERM $$; echo no'; echo "$?"; sh -c 'kill -USR1 $$' 2>/dev/null; echo "$?"
trap 'echo bye' EXIT; exit 6`,
  redirections: `
cat <<END
here $((6 * 7)) $(echo document)
END
cat <<'END' | tr a-z A-Z
raw $x
END
{ echo out; echo err >&2; } 2>&1 >/dev/null | cat; exec 4>made; echo one >&4; echo two >>made; exec 4>&-; cat made
exec 5<made; read -r l <&5; cat <&5; echo "$l"; cat < missing 2>/dev/null || echo none; rm made; mkfifo f; echo fifo > f & cat f; rm f`,
  utilities: `
mkdir d; for i in 3 1 2; do echo "$i" > "d/f$i"; done; find d -type f -exec cat {} \\; | sort; find d -type f | sort | xargs wc -c | sed 's/^ *//' | head -n 3
find d -name 'f*' -exec echo found {} + | tr ' ' '\\n' | sort; seq 1 10 | xargs -n 3 echo; printf 'a\\0b c\\0' | xargs -0 -n 1 echo
echo x | xargs sh -c 'exit 3' ; echo "$?"; env -i A=1 sh -c 'echo "$A:$LC_ALL"'; echo t | tee d/t | cat - d/t; rm -r d`,
  programs: `
printf '#!/bin/sh\\necho "script $#"; exit 8\\n' > s; ./s 2>/dev/null; echo "$?"; sh -c 'exec ./missing' 2>/dev/null; echo "$?"
chmod 755 s 2>/dev/null || sh -c 'umask 0'; no-such-command 2>/dev/null; echo "$?"; sh s 1 2; echo "$?"; (exec sh s); echo "$?"; rm s
ulimit -n 64; sh -c 'ulimit -n'`,
};

export const bashScript = `
cat <(echo one) <(seq 1 3 | tail -n 1); exec 3> >(cat; echo closed >&2); echo two >&3; exec 3>&-; wait $!; echo "\${PIPESTATUS[@]}"
true | (exit 3) | false; echo "\${PIPESTATUS[@]}"; coproc { read -r l; echo "co $l"; }; echo hi >&"\${COPROC[1]}"; read -r r <&"\${COPROC[0]}"; echo "$r"; wait
for i in {1..12}; do (exit $((i % 4))) & p[i]=$!; done; s=; for i in {1..12}; do wait "\${p[i]}"; s+=$?; done; echo "$s"
(sleep 0.3; exit 5) & wait -n; echo "$?"; x=$(for i in {1..4}; do (echo -n $i) ; done); echo "$x"; time -p true 2>/dev/null
trap 'echo child' CHLD; sh -c 'exit 1'; trap - CHLD; set -o pipefail; false | true; echo "$?"; echo "\${BASHPID/$$/same}" "$(echo "\${BASHPID/$$/same}" | grep -c same)"
exec -a sh sh -c 'echo last; exit 5'`;

export const perlScript = `
use strict; use warnings; use POSIX ':sys_wait_h'; $| = 1;
print system('exit 3') >> 8, ' ', system('sh', '-c', 'exit 4') >> 8, ' ', system('kill -9 $$') & 127, ' ', system('no-such-thing-here 2>/dev/null; true'), "\\n";
print \`echo back; echo ticks\`, $? >> 8, "\\n"; my @l = qx(seq 1 4); print scalar(@l), "\\n";
open my $in, '-|', 'seq 1 3; exit 6' or die; print while <$in>; close $in; print $? >> 8, "\\n";
open my $out, '|-', 'tr a-z A-Z' or die; print $out "upper\\n"; close $out;
open my $list, '-|', 'printf', '%s;', 'a b', 'c' or die; print <$list>, "\\n"; close $list;
my $pid = open(my $kid, '-|') // die; if (!$pid) { print "from a fork\\n"; exit 7 } print <$kid>; close $kid; print $? >> 8, "\\n";
my %status; for my $i (1 .. 5) { my $p = fork // die; exit $i unless $p; $status{$p} = $i }
my $good = 0; while ((my $p = waitpid(-1, 0)) > 0) { $good++ if $status{$p} == $? >> 8 } print "$good\\n";
local $SIG{ALRM} = sub { die "late\\n" }; eval { alarm 1; system('sleep 5') && 0; alarm 0 }; print $@ || "none\\n";
local $SIG{CHLD} = 'IGNORE'; my $q = fork // die; exit 0 unless $q; print waitpid($q, 0), "\\n"; exec 'sh', '-c', 'echo last; exit 8';
`;

export const pythonScript = `
import subprocess as s, os, sys
print(s.run(['sh', '-c', 'cat; echo err >&2; exit 3'], input=b'in\\n', capture_output=True))
print(s.check_output('echo $A | tr a-z A-Z', shell=True, env={'A': 'x', 'PATH': '/bin'}, text=True))
try: s.run(['no-such-program'])
except FileNotFoundError as e: print(e.errno)
try: s.run(['sleep', '20'], timeout=0.3)
except s.TimeoutExpired: print('timed out')
p = s.Popen(['sh', '-c', 'read x; echo got $x'], stdin=s.PIPE, stdout=s.PIPE, start_new_session=True); print(p.communicate(b'line\\n'), p.returncode)
a = s.Popen(['seq', '1', '2000'], stdout=s.PIPE); b = s.Popen(['wc', '-l'], stdin=a.stdout, stdout=s.PIPE); a.stdout.close(); print(int(b.communicate()[0]), a.wait())
r, w = os.pipe(); pid = os.fork()
if pid == 0: os.write(w, b'from a fork'); os._exit(5)
print(os.read(r, 20), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
sys.stdout.flush(); os.execlp('sh', 'sh', '-c', 'echo last; exit 9')
`;

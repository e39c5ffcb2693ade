-- The core of the coherence protocol, for rumur: three nodes, one block. Written by hand from docs/architecture.md and
-- the message table of src/coherence/message.ts, not from the code, so that one mistake need not be in both.
--
-- There are the requests, the forwarding to an owner or sharer, the invalidations that are acknowledged to the requester,
-- the upgrade that the home's own set decides, Done, the handshake with guest code before any answer, and the block that
-- is kept until the access that asked for it was made. Not there: pushes, resets, wandering blocks, more threads of a
-- node. More than the code does: a message of a node to itself may take its time, any sharer may supply.
--
-- A mistake is seeded by making one of these constants 1; test/model.test.ts does.
const
  unblockEarly: 0;
  ackBeforeHandshake: 0;
  dataBeforeHandshake: 0;
  trustRequestFlag: 0;
  loseInvalidation: 0;
  forgetSharer: 0;
  ignorePin: 0;

  nodes: 3;
  streamMost: 4;

  -- What a node, or its guest code, may do with the block.
  none: 0;
  read: 1;
  write: 2;

type
  Node: scalarset(nodes);
  Access: none .. write;
  Acks: -2 .. 2;
  Kind: enum { GetS, GetM, Done, FwdGetS, FwdGetM, Inv, Data, Grant, InvAck };
  Message: record
    kind: Kind;
    requester: Node;
    acks: 0 .. 2;
    -- Of Data and Grant: for writing. Of GetM: the sender says it has a copy, which nobody should believe.
    flag: boolean;
    -- Of Data: the bytes are those of the last store.
    fresh: boolean;
  end;
  Stream: record
    count: 0 .. streamMost;
    messages: array[0 .. streamMost - 1] of Message;
  end;
  Phase: enum { Running, Missing, Waiting, Ready };

var
  home: Node;
  streams: array[Node] of array[Node] of Stream;

  -- The home's entry: its transaction, who waits, and who holds the block.
  busy: boolean;
  waiting: 0 .. nodes;
  queue: array[0 .. nodes - 1] of Message;
  owned: boolean;
  owner: Node;
  sharers: array[Node] of boolean;

  -- Each node's line: the access table, the miss, the demand that is being obeyed.
  access: array[Node] of Access;
  missing: array[Node] of boolean;
  granted: array[Node] of Access;
  acksLeft: array[Node] of Acks;
  demanded: array[Node] of boolean;
  demand: array[Node] of Message;
  handshaking: array[Node] of boolean;
  pinned: array[Node] of boolean;

  -- Each node's guest thread: what its last check allows it until it polls, and what it waits for.
  allowed: array[Node] of Access;
  raised: array[Node] of boolean;
  phase: array[Node] of Phase;
  wanted: array[Node] of Access;

  -- The node's bytes are those of the last store anywhere.
  fresh: array[Node] of boolean;

procedure send(from: Node; to_: Node; kind: Kind; requester: Node; acks: 0 .. 2; flag: boolean; isFresh: boolean);
begin
  alias stream: streams[from][to_] do
    assert "a stream overflows" stream.count < streamMost;
    alias message: stream.messages[stream.count] do
      message.kind := kind;
      message.requester := requester;
      message.acks := acks;
      message.flag := flag;
      message.fresh := isFresh;
    end;
    stream.count := stream.count + 1;
  end;
end;

procedure store(n: Node);
begin
  assert "a store over stale bytes" fresh[n];
  for m: Node do
    if m != n then
      fresh[m] := false;
    end;
    for to_: Node do
      for i: 0 .. streamMost - 1 do
        if i < streams[m][to_].count then
          streams[m][to_].messages[i].fresh := false;
        end;
      end;
    end;
  end;
end;

procedure answer(n: Node);
begin
  alias d: demand[n] do
    switch d.kind
      case FwdGetS:
        send(n, d.requester, Data, d.requester, d.acks, false, fresh[n]);
      case FwdGetM:
        send(n, d.requester, Data, d.requester, d.acks, true, fresh[n]);
      else
        send(n, d.requester, InvAck, d.requester, 0, false, false);
    end;
  end;
  demanded[n] := false;
  handshaking[n] := false;
  undefine demand[n];
end;

-- The access table first, then the poll, then (when guest code was inside) wait.
procedure obey(n: Node);
var early: boolean;
begin
  pinned[n] := false;
  if demand[n].kind = FwdGetS then
    access[n] := read;
  else
    access[n] := none;
  end;
  if demand[n].kind = Inv then
    early := ackBeforeHandshake = 1;
  else
    early := dataBeforeHandshake = 1;
  end;
  raised[n] := allowed[n] != none;
  if early | !raised[n] then
    answer(n);
  else
    handshaking[n] := true;
  end;
end;

procedure completeIfReady(n: Node);
begin
  if granted[n] != none & acksLeft[n] = 0 then
    access[n] := granted[n];
    missing[n] := false;
    granted[n] := none;
    send(n, home, Done, n, 0, false, false);
    assert "woken without waiting" phase[n] = Waiting;
    phase[n] := Ready;
    pinned[n] := true;
  end;
end;

procedure receive(n: Node; message: Message);
begin
  switch message.kind
    case GetS, GetM:
      assert "the queue overflows" waiting < nodes;
      queue[waiting] := message;
      waiting := waiting + 1;
    case Done:
      if unblockEarly = 0 then
        assert "Done without a transaction" busy;
        busy := false;
      end;
    case Data, Grant:
      assert "a grant without a miss" missing[n] & granted[n] = none;
      if message.kind = Data then
        fresh[n] := message.fresh;
      end;
      if message.flag then
        granted[n] := write;
      else
        granted[n] := read;
      end;
      assert "granted less than was wanted" granted[n] >= wanted[n];
      acksLeft[n] := acksLeft[n] + message.acks;
      completeIfReady(n);
    case InvAck:
      assert "an InvAck without a miss" missing[n];
      acksLeft[n] := acksLeft[n] - 1;
      completeIfReady(n);
    else
      assert "a demand for a block that is not held" access[n] != none;
      assert "a second demand" !demanded[n];
      demand[n] := message;
      demanded[n] := true;
      if message.kind = FwdGetS & access[n] = read then
        answer(n);
      elsif !pinned[n] | ignorePin = 1 then
        obey(n);
      end;
  end;
end;

-- The home serves one request; `supplier` is the node that will send the bytes, unless it is an upgrade.
procedure serve(request: Message; supplier: Node);
var
  requester: Node;
  upgrade, lost: boolean;
  others: 0 .. nodes;
begin
  requester := request.requester;
  assert "a request of the owner" !owned | owner != requester;
  if request.kind = GetS then
    assert "a read by a sharer" !sharers[requester];
    send(home, supplier, FwdGetS, requester, 0, false, false);
    if owned then
      sharers[owner] := true;
      owned := false;
      undefine owner;
    end;
    sharers[requester] := true;
  elsif owned then
    send(home, owner, FwdGetM, requester, 0, false, false);
    owner := requester;
  else
    upgrade := sharers[requester] | (trustRequestFlag = 1 & request.flag);
    sharers[requester] := false;
    others := 0;
    for n: Node do
      if sharers[n] then
        others := others + 1;
      end;
    end;
    if forgetSharer = 1 & others > 1 then
      lost := false;
      for n: Node do
        if sharers[n] & !lost & n != supplier then
          sharers[n] := false;
          others := others - 1;
          lost := true;
        end;
      end;
    end;
    if upgrade then
      send(home, requester, Grant, requester, others, true, false);
    else
      send(home, supplier, FwdGetM, requester, others - 1, false, false);
    end;
    lost := loseInvalidation = 0;
    for n: Node do
      if sharers[n] & (upgrade | n != supplier) then
        if lost then
          send(home, n, Inv, requester, 0, false, false);
        end;
        lost := true;
      end;
      sharers[n] := false;
    end;
    owned := true;
    owner := requester;
  end;
end;

function supplies(n: Node; request: Message): boolean;
begin
  if owned then
    return n = owner;
  end;
  if request.kind = GetM & sharers[request.requester] then
    return n = request.requester;
  end;
  -- No third node on the way when the home has a copy.
  if sharers[home] then
    return n = home;
  end;
  return sharers[n];
end;

ruleset h: Node do
  startstate "the block belongs to its home"
  begin
    home := h;
    busy := false;
    waiting := 0;
    owned := true;
    owner := h;
    for n: Node do
      sharers[n] := false;
      missing[n] := false;
      granted[n] := none;
      acksLeft[n] := 0;
      demanded[n] := false;
      handshaking[n] := false;
      pinned[n] := false;
      allowed[n] := none;
      raised[n] := false;
      phase[n] := Running;
      wanted[n] := none;
      if n = h then
        access[n] := write;
        fresh[n] := true;
      else
        access[n] := none;
        fresh[n] := false;
      end;
      for m: Node do
        streams[n][m].count := 0;
      end;
    end;
  end;
end;

ruleset supplier: Node do
  rule "the home serves the next request"
    !busy & waiting > 0 & supplies(supplier, queue[0]) ==>
  var request: Message;
  begin
    request := queue[0];
    for i: 0 .. nodes - 2 do
      if i + 1 < waiting then
        queue[i] := queue[i + 1];
      end;
    end;
    waiting := waiting - 1;
    undefine queue[waiting];
    busy := unblockEarly = 0;
    serve(request, supplier);
  end;
end;

ruleset from: Node; to_: Node do
  rule "a message arrives"
    streams[from][to_].count > 0 ==>
  var message: Message;
  begin
    alias stream: streams[from][to_] do
      message := stream.messages[0];
      for i: 0 .. streamMost - 2 do
        if i + 1 < stream.count then
          stream.messages[i] := stream.messages[i + 1];
        end;
      end;
      stream.count := stream.count - 1;
      undefine stream.messages[stream.count];
    end;
    receive(to_, message);
  end;
end;

ruleset n: Node do
  ruleset w: read .. write do
    rule "guest code passes a check"
      phase[n] = Running & allowed[n] < w & access[n] >= w ==>
    begin
      allowed[n] := w;
    end;

    rule "guest code fails a check, and leaves"
      phase[n] = Running & allowed[n] < w & access[n] < w ==>
    begin
      allowed[n] := none;
      raised[n] := false;
      phase[n] := Missing;
      wanted[n] := w;
    end;
  end;

  rule "guest code stores"
    phase[n] = Running & allowed[n] = write ==>
  begin
    store(n);
  end;

  rule "guest code polls"
    raised[n] ==>
  begin
    raised[n] := false;
    allowed[n] := none;
  end;

  rule "guest code leaves by itself"
    allowed[n] != none & !raised[n] ==>
  begin
    allowed[n] := none;
  end;

  rule "a miss comes to the node's agent"
    phase[n] = Missing ==>
  begin
    if access[n] >= wanted[n] then
      pinned[n] := !demanded[n];
      phase[n] := Ready;
    else
      assert "two misses" !missing[n];
      missing[n] := true;
      phase[n] := Waiting;
      if wanted[n] = write then
        send(n, home, GetM, n, 0, access[n] = read, false);
      else
        send(n, home, GetS, n, 0, false, false);
      end;
    end;
  end;

  rule "a woken thread makes its access"
    phase[n] = Ready ==>
  begin
    if access[n] >= wanted[n] then
      allowed[n] := wanted[n];
      if wanted[n] = write then
        store(n);
      end;
      phase[n] := Running;
      wanted[n] := none;
      if pinned[n] then
        pinned[n] := false;
        if demanded[n] & !handshaking[n] then
          obey(n);
        end;
      end;
    else
      phase[n] := Missing;
    end;
  end;

  rule "all guest code has polled"
    handshaking[n] & !raised[n] ==>
  begin
    answer(n);
  end;

  invariant "guest code reads what was stored last"
    allowed[n] = none | fresh[n];

  invariant "the block is kept until the access that asked for it"
    phase[n] = Ready & !demanded[n] -> access[n] >= wanted[n];

  invariant "an idle home knows who holds the block"
    !busy & unblockEarly = 0 -> (owned & owner = n -> access[n] = write) & (sharers[n] -> access[n] = read) &
                                (!(owned & owner = n) & !sharers[n] -> access[n] = none);

  liveness "every request is answered"
    phase[n] = Running;

  ruleset m: Node do
    invariant "one writer"
      n != m -> !(allowed[n] = write & allowed[m] != none) & !(access[n] = write & access[m] != none);
  end;
end;

liveness "all comes to rest"
  !busy & waiting = 0 & forall n: Node do phase[n] = Running & !demanded[n] & forall m: Node do streams[n][m].count = 0 end end;

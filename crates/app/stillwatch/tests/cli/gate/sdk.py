"""Speaks to a gate as the providers' own clients do: sdk.py URL HONEST_KEY DENIED_KEY UNVERIFIED_KEY"""

import sys

import anthropic
import openai

url, honest, denied, unverified = sys.argv[1:]
hello = [{"role": "user", "content": "Say hello"}]


def openai_client(key, retries=2):
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=retries)


def anthropic_client(key, retries=2):
    return anthropic.Anthropic(base_url=url, api_key=key, max_retries=retries)


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


# Chat Completions: whole, streamed, with tools.
client = openai_client(honest)
answer = client.chat.completions.create(model="m", messages=hello)
assert answer.choices[0].message.content == "Hello there" and answer.usage.total_tokens == 15
raw = client.chat.completions.with_raw_response.create(model="m", messages=hello)
assert raw.headers["x-own-header"] == "Kept As It Is"
chunks = list(client.chat.completions.create(model="m", messages=hello, stream=True))
assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "Hello there"
assert chunks[-1].usage.completion_tokens == 3
tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
called = ""
for chunk in client.chat.completions.create(model="uses-tools", messages=hello, tools=tools, stream=True):
    for call in chunk.choices[0].delta.tool_calls or [] if chunk.choices else []:
        called += call.function.arguments or ""
assert called == '{"place": "Ghent"}', called

# Responses.
assert client.responses.create(model="m", input="Say hello").output_text == "Hello there"
events = list(client.responses.create(model="m", input="Say hello", stream=True))
assert events[-1].type == "response.completed"

# Messages.
claude = anthropic_client(honest)
message = claude.messages.create(model="m", max_tokens=9, messages=hello)
assert message.content[0].text == "Hello there" and message.usage.output_tokens == 3
with claude.messages.stream(model="m", max_tokens=9, messages=hello) as stream:
    assert "".join(stream.text_stream) == "Hello there"
    assert stream.get_final_message().usage.output_tokens == 3

# Errors of the upstream, and its retries: both clients try again by themselves.
refused(openai.NotFoundError, lambda: client.chat.completions.create(model="unknown-model", messages=hello))
retried = [{"role": "user", "content": "openai"}]
assert client.chat.completions.create(model="fails-once", messages=retried).id == "chatcmpl-1"
retried = [{"role": "user", "content": "anthropic"}]
assert claude.messages.create(model="fails-once", max_tokens=9, messages=retried).id == "msg_1"

# A caller that goes away ends the stream at the upstream too.
with client.chat.completions.create(model="endless", messages=hello, stream=True) as stream:
    next(iter(stream))
with claude.messages.stream(model="endless", max_tokens=9, messages=hello) as stream:
    next(iter(stream))

# Refusals of the gate, each with as many requests as it should have: one.
error = refused(openai.PermissionDeniedError, lambda: openai_client(denied).chat.completions.create(model="m", messages=hello))
assert error.code == "access_restricted" and "https://help.example/limits" in str(error)
assert error.response.headers["x-stillwatch-reason"] == "coordinated_extraction"
error = refused(openai.PermissionDeniedError, lambda: openai_client(denied).responses.create(model="m", input="x", stream=True))
error = refused(anthropic.PermissionDeniedError, lambda: anthropic_client(denied).messages.create(model="m", max_tokens=9, messages=hello))
assert error.body["error"]["type"] == "permission_error" and error.request_id.startswith("gate_")

# A budget: the first request is served, the next is told when to come back.
openai_client(unverified).chat.completions.create(model="m", messages=hello)
error = refused(openai.RateLimitError, lambda: openai_client(unverified, 0).chat.completions.create(model="m", messages=hello))
assert int(error.response.headers["retry-after"]) >= 1 and error.response.headers["x-ratelimit-remaining-requests"] == "0"
error = refused(anthropic.RateLimitError, lambda: anthropic_client(unverified, 0).messages.create(model="m", max_tokens=9, messages=hello))
assert error.body["error"]["type"] == "rate_limit_error"

# An answer that breaks off is an error, not a short answer.
refused(openai.APIError, lambda: list(client.chat.completions.create(model="breaks-off", messages=hello, stream=True)))
events = list(client.responses.create(model="breaks-off", input="x", stream=True))
assert events[-1].type == "error" and events[-1].code == "upstream_broke_off", events[-1]
refused(anthropic.APIError, lambda: list(claude.messages.create(model="breaks-off", max_tokens=9, messages=hello, stream=True)))
print("all as expected")

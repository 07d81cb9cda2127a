"""Whose key it is, in the place of LiteLLM's database."""

import os

from litellm.proxy._types import UserAPIKeyAuth

ACCOUNTS = {
    os.environ["HONEST"]: "honest",
    os.environ["HARVESTER"]: "harvester-1",
    os.environ["SECOND"]: "harvester-2",
}


async def account(request, api_key):
    return UserAPIKeyAuth(api_key=api_key, user_id=ACCOUNTS[api_key])

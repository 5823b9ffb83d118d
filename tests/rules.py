"""What a rule says when it refuses."""

import contextlib

import pytest
from django.core.exceptions import ValidationError


def refusals(record):
    """The messages of `full_clean` by field; {} if the record may be stored."""
    try:
        record.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@contextlib.contextmanager
def refused(**messages):
    """The block raises ValidationError with exactly these messages: `refused(reason="Say why this is archived.")`."""
    with pytest.raises(ValidationError) as caught:
        yield
    error = caught.value
    found = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    assert found == {field: [message] for field, message in messages.items()}

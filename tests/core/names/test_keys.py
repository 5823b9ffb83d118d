from core.names.forms import form
from core.names.keys import query_keys, rarest, stored_keys, strength


def test_names_in_two_scripts_share_keys():
    stored = set(stored_keys([form("住友ゴム工業株式会社")]))
    assert stored & set(query_keys([form("住友橡胶")]))
    assert stored & set(query_keys([form("Sumitomo Rubber")]))
    assert stored & set(query_keys([form("すみともごむ")]))


def test_each_key_once():
    keys = stored_keys([form("日本電気"), form("日本電気株式会社")])
    assert len(keys) == len(set(keys))


def test_sound_of_business_words_says_little():
    keys = query_keys([form("Taisei Construction")])
    assert keys["s^ta"] > keys["sstr"]


def test_short_latin_query_may_be_initials():
    assert "anri" in query_keys([form("NRI")])
    assert "anri" in stored_keys([form("Nomura Research Institute")])


def test_rarest_keys_first_up_to_the_rows():
    assert rarest({"common": 900, "rare": 2, "some": 50}, most_rows=100) == ["rare", "some"]


def test_at_least_one_key():
    assert rarest({"common": 900}, most_rows=100) == ["common"]


def test_strength_adds_what_is_shared():
    asked = dict.fromkeys(query_keys([form("日本電気")]), 1.0)
    same, other = strength([form("日本电气")], asked), strength([form("東京瓦斯")], asked)
    assert same > other

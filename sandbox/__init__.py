"""The pretended outside world: Alipay, Zhima, Aliyun SMS and identity, a time-stamping authority.

It imports core only, verifies every request with code of its own, and speaks the real wire formats.
"""
